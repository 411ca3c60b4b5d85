import type { Connection } from 'mysql2/promise';
import type { TablePlan } from './describe';
import { select } from './query';

/**
 * Changes of a table that its triggers report although they may not have happened. Under IGNORE both servers go on
 * after a duplicate key or a foreign key has stopped a row's change, and fire the row's AFTER trigger all the same:
 * MariaDB for UPDATE IGNORE, MySQL for DELETE IGNORE. A trigger cannot tell, so it logs these changes by key only, and
 * the relay reads the row as it is after the commit.
 */
export interface Doubts {
  /** Columns whose change a unique index or a foreign key can stop. */
  readonly columns: readonly string[];
  /** Whether a foreign key can stop a delete. */
  readonly deletes: boolean;
}

export const noDoubts: Doubts = { columns: [], deletes: false };

/** The doubts of each table (`database.table`) that has some. */
export async function readDoubts(
  connection: Connection,
  plans: readonly TablePlan[],
): Promise<ReadonlyMap<string, Doubts>> {
  if (plans.length === 0) return new Map();
  const schemas = [...new Set(plans.map(({ settings }) => settings.database))];
  if (plans[0]!.flavour === 'mysql') {
    const parents = await select<{ table: string }>(
      connection,
      `SELECT DISTINCT CONCAT(referenced_table_schema, '.', referenced_table_name) AS \`table\`
       FROM information_schema.key_column_usage WHERE referenced_table_schema IN (?)`,
      [schemas],
    );
    return new Map(parents.map(({ table }) => [table, { columns: [], deletes: true }]));
  }
  const columns = await select<{ table: string; column: string }>(
    connection,
    `SELECT CONCAT(table_schema, '.', table_name) AS \`table\`, column_name AS \`column\`
     FROM information_schema.statistics WHERE non_unique = 0 AND column_name IS NOT NULL AND table_schema IN (?)
     UNION SELECT CONCAT(table_schema, '.', table_name), column_name
     FROM information_schema.key_column_usage WHERE referenced_table_schema IS NOT NULL AND table_schema IN (?)
     UNION SELECT CONCAT(referenced_table_schema, '.', referenced_table_name), referenced_column_name
     FROM information_schema.key_column_usage WHERE referenced_table_schema IN (?)
     ORDER BY 1, 2`,
    [schemas, schemas, schemas],
  );
  const doubts = new Map<string, { columns: string[]; deletes: boolean }>();
  for (const { table, column } of columns) {
    const found = doubts.get(table) ?? { columns: [], deletes: false };
    found.columns.push(column);
    doubts.set(table, found);
  }
  return doubts;
}
