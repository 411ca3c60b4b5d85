import { hasErrno, mysqlErrno } from '@tributary/kernel';
import type { Connection } from 'mysql2/promise';
import type { Flavour } from './flavour';
import { select } from './query';
import { filenames } from './table-identity';

/** A foreign key whose rule changes child rows without firing their triggers (R8). */
export interface ForeignKey {
  readonly constraint: string;
  /** `database.table`. */
  readonly child: string;
  readonly parent: string;
  readonly columns: readonly string[];
  /** The parent's columns, in the order of `columns`. */
  readonly references: readonly string[];
  readonly deleteRule: string;
  readonly updateRule: string;
  /** The child's index that the cascade goes by; `null` where none can be named. */
  readonly index: string | null;
}

interface PartRow {
  readonly constraint: string;
  readonly child: string;
  readonly parent: string;
  readonly column: string;
  readonly reference: string;
  readonly deleteRule: string;
  readonly updateRule: string;
}

/** Foreign keys with a cascading rule, of all databases that the account may see, since a cascade may cross them. */
export async function readForeignKeys(connection: Connection, flavour: Flavour): Promise<ForeignKey[]> {
  const parts = await select<PartRow>(
    connection,
    `SELECT k.constraint_name AS \`constraint\`, CONCAT(k.table_schema, '.', k.table_name) AS \`child\`,
       CONCAT(k.referenced_table_schema, '.', k.referenced_table_name) AS \`parent\`, k.column_name AS \`column\`,
       k.referenced_column_name AS \`reference\`, r.delete_rule AS \`deleteRule\`, r.update_rule AS \`updateRule\`
     FROM information_schema.referential_constraints r
     JOIN information_schema.key_column_usage k
       ON k.constraint_schema = r.constraint_schema AND k.constraint_name = r.constraint_name
         AND k.table_name = r.table_name AND k.referenced_column_name IS NOT NULL
     WHERE r.delete_rule IN ('CASCADE', 'SET NULL') OR r.update_rule IN ('CASCADE', 'SET NULL')
     ORDER BY k.constraint_schema, k.table_name, k.constraint_name, k.ordinal_position`,
  );
  const keys = new Map<string, PartRow[]>();
  for (const part of parts) {
    const id = `${part.child}\0${part.constraint}`;
    keys.set(id, [...(keys.get(id) ?? []), part]);
  }
  const indexes = await readIndexes(connection, flavour, parts);
  const found = [...keys.values()].map((columns) => {
    const names = columns.map(({ column }) => column);
    return {
      ...columns[0]!,
      columns: names,
      references: columns.map(({ reference }) => reference),
      index: leadingIndex(indexes.get(columns[0]!.child), names),
    };
  });
  // InnoDB follows the keys of one parent in this order.
  const id = ({ child, constraint }: ForeignKey) => `${child.slice(0, child.indexOf('.'))}/${constraint}`;
  return found.sort((a, b) => (id(a) < id(b) ? -1 : 1));
}

/** Columns of each index by its name. */
type Indexes = Map<string, string[]>;

/** By child table; without those that statements may not name (invisible, ignored) or that hold parts of columns. */
async function readIndexes(
  connection: Connection,
  flavour: Flavour,
  parts: readonly PartRow[],
): Promise<Map<string, Indexes>> {
  const tables = new Map<string, Indexes>();
  if (parts.length === 0) return tables;
  const children = [...new Set(parts.map(({ child }) => child))];
  const split = children.map((child) => [
    child.slice(0, child.indexOf('.')),
    child.slice(child.indexOf('.') + 1),
  ]);
  // MySQL looks into the table for CARDINALITY; older MariaDB servers have no IGNORED.
  const chosen =
    flavour === 'mysql'
      ? 'table_schema, table_name, index_name, column_name, seq_in_index, sub_part, is_visible'
      : '*';
  const rows = await select<Record<string, string | null>>(
    connection,
    `SELECT ${chosen} FROM information_schema.statistics WHERE (table_schema, table_name) IN (?)
     ORDER BY table_schema, table_name, index_name, seq_in_index`,
    [split],
  );
  for (const row of rows) {
    const part = new Map(Object.entries(row).map(([name, value]) => [name.toUpperCase(), value]));
    const hidden = part.get('IS_VISIBLE') === 'NO' || part.get('IGNORED') === 'YES';
    const table = `${part.get('TABLE_SCHEMA')}.${part.get('TABLE_NAME')}`;
    const indexes = tables.get(table) ?? new Map<string, string[]>();
    tables.set(table, indexes);
    const name = part.get('INDEX_NAME')!;
    const columns = indexes.get(name) ?? [];
    // A name that no column has keeps the place of what does not count.
    columns.push(hidden || part.get('SUB_PART') !== null ? '' : (part.get('COLUMN_NAME') ?? ''));
    indexes.set(name, columns);
  }
  return tables;
}

/** The index that begins with these columns: the primary key, or the shortest. */
function leadingIndex(indexes: Indexes | undefined, columns: readonly string[]): string | null {
  const leading = [...(indexes ?? [])].filter(([, names]) => columns.every((name, at) => names[at] === name));
  const rank = ([name, names]: [string, string[]]) => (name === 'PRIMARY' ? 0 : names.length);
  leading.sort((a, b) => rank(a) - rank(b) || (a[0] < b[0] ? -1 : 1));
  return leading[0]?.[0] ?? null;
}

/**
 * Columns of these tables (`database.table`) that foreign keys refer to, those of tables in databases that the account
 * may not see included: information_schema hides these, InnoDB's own tables show them to who has PROCESS, which a relay
 * needs anyway. Without it only what can be seen is found.
 */
export async function readReferenced(
  connection: Connection,
  flavour: Flavour,
  tables: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const spelled = (
    flavour === 'mysql' ? tables.map((table) => table.replace('.', '/')) : await filenames(connection, tables)
  ).map((name) => name.toLowerCase());
  const schemas = [...new Set(tables.map((table) => table.slice(0, table.indexOf('.'))))];
  const visible = await select<{ table: string; column: string }>(
    connection,
    `SELECT DISTINCT CONCAT(referenced_table_schema, '.', referenced_table_name) AS \`table\`,
       referenced_column_name AS \`column\`
     FROM information_schema.key_column_usage WHERE referenced_table_schema IN (?)`,
    [schemas],
  );
  const prefix = flavour === 'mysql' ? 'innodb' : 'innodb_sys';
  const all = await select<{ name: string; column: string }>(
    connection,
    `SELECT DISTINCT LOWER(f.ref_name) AS name, c.ref_col_name AS \`column\`
     FROM information_schema.${prefix}_foreign f JOIN information_schema.${prefix}_foreign_cols c ON c.id = f.id
     WHERE LOWER(f.ref_name) IN (?)`,
    [spelled],
  ).catch((error: unknown) => {
    // Without PROCESS.
    if (hasErrno(error, mysqlErrno.SPECIFIC_ACCESS_DENIED)) return [];
    throw error;
  });
  const hidden = all.map(({ name, column }) => ({ table: tables[spelled.indexOf(name)], column }));
  const found = new Map<string, Set<string>>();
  for (const { table, column } of [...visible, ...hidden])
    if (table !== undefined) found.set(table, (found.get(table) ?? new Set()).add(column));
  return new Map([...found].map(([table, columns]) => [table, [...columns].sort()]));
}
