import type { Connection } from 'mysql2/promise';
import type { TablePlan } from './describe';
import { readReferenced } from './foreign-keys';
import { select } from './query';

/**
 * Changes of a table that its triggers report although they may not have happened, or not in this order. Under IGNORE
 * both servers go on after a duplicate key or a foreign key has stopped a row's change, and fire the row's AFTER trigger
 * all the same: MariaDB for UPDATE IGNORE, MySQL for DELETE IGNORE. MariaDB reports what is left of a row before its
 * delete (DELETE FOR PORTION OF). A trigger cannot tell, so it logs these changes by key only, and the relay reads the
 * row as it is after the commit.
 */
export interface Doubts {
  /** Columns whose change a unique index or a foreign key can stop. */
  readonly columns: readonly string[];
  /** Whether a delete that is reported may have left the row. */
  readonly deletes: boolean;
}

export const noDoubts: Doubts = { columns: [], deletes: false };

/** The doubts of each table (`database.table`) that has some. */
export async function readDoubts(
  connection: Connection,
  plans: readonly TablePlan[],
): Promise<ReadonlyMap<string, Doubts>> {
  if (plans.length === 0) return new Map();
  const flavour = plans[0]!.flavour;
  const referenced = await readReferenced(
    connection,
    flavour,
    plans.map(({ settings }) => settings.table),
  );
  if (flavour === 'mysql')
    return new Map([...referenced.keys()].map((table) => [table, { columns: [], deletes: true }]));
  const schemas = [...new Set(plans.map(({ settings }) => settings.database))];
  const doubts = new Map<string, { columns: Set<string>; deletes: boolean }>();
  const doubt = (table: string) => {
    const found = doubts.get(table) ?? { columns: new Set<string>(), deletes: false };
    doubts.set(table, found);
    return found;
  };
  const columns = await select<{ table: string; column: string }>(
    connection,
    `SELECT CONCAT(table_schema, '.', table_name) AS \`table\`, column_name AS \`column\`
     FROM information_schema.statistics WHERE non_unique = 0 AND column_name IS NOT NULL AND table_schema IN (?)
     UNION SELECT CONCAT(table_schema, '.', table_name), column_name
     FROM information_schema.key_column_usage WHERE referenced_table_schema IS NOT NULL AND table_schema IN (?)`,
    [schemas, schemas],
  );
  for (const { table, column } of columns) doubt(table).columns.add(column);
  for (const [table, names] of referenced) for (const name of names) doubt(table).columns.add(name);
  for (const table of await readPeriods(connection, schemas)) doubt(table).deletes = true;
  return new Map(
    [...doubts].map(([table, found]) => [table, { ...found, columns: [...found.columns].sort() }]),
  );
}

/**
 * MariaDB's tables with a period of their own: DELETE FOR PORTION OF changes the row in place, fires AFTER INSERT for
 * what is left of it, and only then AFTER DELETE. The server shows a period as the check that it implies, which others
 * may have as well.
 */
async function readPeriods(connection: Connection, schemas: readonly string[]): Promise<string[]> {
  const rows = await select<{ table: string }>(
    connection,
    `SELECT DISTINCT CONCAT(constraint_schema, '.', table_name) AS \`table\`
     FROM information_schema.check_constraints
     WHERE constraint_schema IN (?) AND check_clause REGEXP '^\`[^\`]+\` < \`[^\`]+\`$'`,
    [schemas],
  );
  return rows.map(({ table }) => table);
}
