import { setTimeout as sleep } from 'node:timers/promises';
import type { SyncConfig } from '@tributary/sync-config';
import type { Connection } from 'mysql2/promise';
import type { ColumnInfo } from './column-type';
import type { UniqueKeyPart } from './table-key';
import { select } from './query';

/** What information_schema says of the databases that a sync file names; a fixed number of queries, whatever their size. */
export interface Catalogue {
  readonly tables: readonly TableInfo[];
  readonly columns: ReadonlyMap<string, readonly ColumnInfo[]>;
  readonly uniqueKeys: ReadonlyMap<string, readonly UniqueKeyPart[]>;
  /** `table\0column` of MariaDB's JSON columns, which are LONGTEXT with a check. */
  readonly jsonColumns: ReadonlySet<string>;
}

export interface TableInfo {
  /** `database.table`. */
  readonly table: string;
  readonly database: string;
  readonly type: string;
  readonly engine: string | null;
}

const systemSchemas = ['mysql', 'sys', 'performance_schema', 'information_schema'];

/** The condition on a schema column that keeps the queries to what the patterns can match. */
function schemaCondition(config: SyncConfig, column: string): [sql: string, values: unknown[]] {
  const schemas = config.tablePatterns.map((pattern) => pattern.slice(0, pattern.indexOf('.')));
  const hidden = [...systemSchemas, config.captureSchema];
  return schemas.some((schema) => schema.includes('*'))
    ? [`${column} NOT IN (?)`, [hidden]]
    : [`${column} IN (?) AND ${column} NOT IN (?)`, [[...new Set(schemas)], hidden]];
}

/** MariaDB lists a table without its columns or keys, or not at all, in the moment in which an ALTER exchanges it. */
const LOOKS = 6;
const LOOK_AGAIN_MS = 50;

export async function readCatalogue(connection: Connection, config: SyncConfig): Promise<Catalogue> {
  for (let look = 1; ; look += 1) {
    const { keyed, ...catalogue } = await readOnce(connection, config);
    if (look === LOOKS || isWhole(catalogue, keyed, config)) return catalogue;
    await sleep(LOOK_AGAIN_MS);
  }
}

function isWhole(catalogue: Catalogue, keyed: ReadonlySet<string>, config: SyncConfig): boolean {
  const { tables, columns, uniqueKeys } = catalogue;
  const listed = new Set(tables.map(({ table }) => table.toLowerCase()));
  const isListed = (pattern: string) => pattern.includes('*') || listed.has(pattern.toLowerCase());
  const isDescribed = ({ table }: TableInfo) =>
    !config.table(table) || (columns.has(table) && (!keyed.has(table) || uniqueKeys.has(table)));
  return config.tablePatterns.every(isListed) && tables.every(isDescribed);
}

/** `keyed`: tables of which a column says that it alone, or with others, is the key. */
async function readOnce(
  connection: Connection,
  config: SyncConfig,
): Promise<Catalogue & { keyed: ReadonlySet<string> }> {
  const read = <T>(sql: string, schemaColumn: string) => {
    const [condition, values] = schemaCondition(config, schemaColumn);
    return select<T>(
      connection,
      sql.replace('{schemas}', () => condition),
      values,
    );
  };
  const tables = await read<TableInfo>(
    `SELECT CONCAT(table_schema, '.', table_name) AS \`table\`, table_schema AS \`database\`, table_type AS \`type\`, engine AS \`engine\`
     FROM information_schema.tables WHERE {schemas} ORDER BY table_schema, table_name`,
    'table_schema',
  );
  const columns = await read<ColumnInfo & { columnKey: string }>(
    `SELECT CONCAT(table_schema, '.', table_name) AS \`table\`, column_name AS \`name\`, LOWER(data_type) AS \`dataType\`,
       column_type AS \`columnType\`, column_key AS \`columnKey\`, is_nullable AS \`nullable\`, extra AS \`extra\`,
       character_maximum_length AS \`characters\`, character_octet_length AS \`octets\`,
       numeric_precision AS \`precision\`, numeric_scale AS \`scale\`, datetime_precision AS \`fsp\`,
       character_set_name AS \`charset\`
     FROM information_schema.columns WHERE {schemas} ORDER BY table_schema, table_name, ordinal_position`,
    'table_schema',
  );
  const uniqueKeys = await read<UniqueKeyPart>(
    `SELECT CONCAT(table_schema, '.', table_name) AS \`table\`, index_name AS \`index\`, column_name AS \`column\`,
       sub_part AS \`prefix\`, index_type AS \`type\`
     FROM information_schema.statistics WHERE non_unique = 0 AND {schemas}
     ORDER BY table_schema, table_name, index_name, seq_in_index`,
    'table_schema',
  );
  return {
    tables,
    columns: groupByTable(columns),
    uniqueKeys: groupByTable(uniqueKeys),
    jsonColumns: await jsonColumns(connection, config),
    keyed: new Set(columns.flatMap(({ table, columnKey }) => (columnKey === 'PRI' ? table : []))),
  };
}

async function jsonColumns(connection: Connection, config: SyncConfig): Promise<ReadonlySet<string>> {
  const [server] = await select<{ mariadb: number }>(
    connection,
    `SELECT VERSION() LIKE '%MariaDB%' AS mariadb`,
  );
  if (!Number(server!.mariadb)) return new Set();
  const [condition, values] = schemaCondition(config, 'constraint_schema');
  const checks = await select<{ table: string; clause: string }>(
    connection,
    `SELECT CONCAT(constraint_schema, '.', table_name) AS \`table\`, check_clause AS \`clause\`
     FROM information_schema.check_constraints WHERE ${condition} AND check_clause LIKE 'json_valid(%'`,
    values,
  );
  return new Set(
    checks.flatMap(({ table, clause }) => {
      const column = /^json_valid\(`((?:[^`]|``)+)`\)$/i.exec(clause)?.[1];
      return column === undefined ? [] : [`${table}\0${column.replaceAll('``', '`')}`];
    }),
  );
}

function groupByTable<T extends { table: string }>(rows: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(row.table);
    if (group) group.push(row);
    else groups.set(row.table, [row]);
  }
  return groups;
}
