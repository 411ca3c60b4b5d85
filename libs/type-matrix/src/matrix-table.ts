import { Binary, Decimal128, Double, Int32, Long } from './bson';

export type Server = 'mysql' | 'mariadb';

/** One value: how SQL writes it, and what each target must hold by docs/type-mapping.md, worked out by hand. */
export interface Cell {
  readonly sql: string;
  /** A BSON value of exact type. */
  readonly mongo: unknown;
  /** `null`: no field. */
  readonly redis: string | Buffer | null;
  /** Only a session without strict mode may write it (zero dates, invalid members). */
  readonly lenient?: boolean;
}

export interface ColumnCase {
  readonly name?: string;
  readonly type: string;
  /** Rows take them in turn. */
  readonly cells: readonly Cell[];
}

export interface MatrixRow {
  readonly insert: string;
  readonly lenient: boolean;
  /** The connection that must write it; default any of the test's writers. */
  readonly connection?: { readonly charset?: string; readonly session: readonly string[] };
  /** `_id` and its text in Redis keys. */
  readonly id: unknown;
  readonly keyText: string;
  readonly mongo: readonly (readonly [string, unknown])[];
  readonly redis: readonly (readonly [string, string | Buffer])[];
}

export interface MatrixTable {
  readonly name: string;
  readonly ddl: string;
  readonly rows: readonly MatrixRow[];
}

export const quoted = (name: string) => `\`${name.replaceAll('`', '``')}\``;
const bytes = (content: Buffer | string) =>
  `x'${(typeof content === 'string' ? Buffer.from(content) : content).toString('hex')}'`;
/** A text literal that reads the same in every sql_mode and connection charset. */
export const textSql = (text: string) => (text === '' ? "''" : `_utf8mb4 ${bytes(text)}`);

export const int = (value: number): Cell => ({
  sql: `${value}`,
  mongo: new Int32(value),
  redis: `${value}`,
});
export const long = (digits: string): Cell => ({
  sql: digits,
  mongo: Long.fromString(digits),
  redis: digits,
});
export const decimal = (digits: string, sql = digits): Cell => ({
  sql,
  mongo: Decimal128.fromString(digits),
  redis: digits,
});
export const digitText = (digits: string): Cell => ({ sql: digits, mongo: digits, redis: digits });
export const double = (sql: string, value: number, redis: string): Cell => ({
  sql,
  mongo: new Double(value),
  redis,
});
export const text = (value: string, sql = textSql(value)): Cell => ({ sql, mongo: value, redis: value });
export const blob = (content: Buffer, sql = bytes(content)): Cell => ({
  sql,
  mongo: new Binary(content),
  redis: content,
});
export const lenient = (cell: Cell): Cell => ({ ...cell, lenient: true });

/**
 * A table with an INT key and a column for each case: as many rows as the longest column has cells, shorter ones
 * begin again, and a last row of NULLs.
 */
export function columnsTable(name: string, cases: readonly ColumnCase[], options = ''): MatrixTable {
  const columns = cases.map((column, at) => ({ ...column, name: column.name ?? `c${at}` }));
  const definitions = columns.map((column) => `${quoted(column.name)} ${column.type} NULL`);
  const height = Math.max(...columns.map(({ cells }) => cells.length));
  const rows = Array.from({ length: height }, (_, at) =>
    rowOf(
      name,
      at + 1,
      columns.map((column) => [column.name, column.cells[at % column.cells.length]!] as const),
    ),
  );
  rows.push({
    insert: `INSERT INTO ${quoted(name)} (id) VALUES (${height + 1})`,
    lenient: false,
    id: new Int32(height + 1),
    keyText: `${height + 1}`,
    mongo: [['id', new Int32(height + 1)], ...columns.map((column) => [column.name, null] as const)],
    redis: [['id', `${height + 1}`]],
  });
  return {
    name,
    ddl: `CREATE TABLE ${quoted(name)} (id INT PRIMARY KEY, ${definitions.join(', ')}) ${options}`,
    rows,
  };
}

/** A row of `cells` under an INT key `id`; what the target holds beyond the written cells comes last. */
export function rowOf(
  table: string,
  id: number,
  cells: readonly (readonly [string, Cell])[],
  computed: readonly (readonly [string, Cell])[] = [],
): MatrixRow {
  const names = cells.map(([name]) => quoted(name)).join(', ');
  const values = cells.map(([, { sql }]) => sql).join(', ');
  const all = [['id', int(id)] as const, ...cells, ...computed];
  return {
    insert: `INSERT INTO ${quoted(table)} (id, ${names}) VALUES (${id}, ${values})`,
    lenient: cells.some(([, cell]) => cell.lenient === true),
    id: new Int32(id),
    keyText: `${id}`,
    mongo: all.map(([name, { mongo }]) => [name, mongo] as const),
    redis: all.flatMap(([name, { redis }]) => (redis === null ? [] : [[name, redis] as const])),
  };
}
