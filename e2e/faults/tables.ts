/** How a column is stored; each type has its own conversion in plain-values.ts. */
export type ColumnType =
  | 'int'
  | 'bigint'
  | 'decimal'
  | 'double'
  | 'datetime3'
  | 'datetime6'
  | 'timestamp6'
  | 'binary'
  | 'bit1'
  | 'set'
  | 'json'
  | 'text';

export interface FaultTable {
  readonly name: string;
  readonly key: readonly string[];
  /** What the targets hold, by the name it has there. */
  readonly columns: Readonly<Record<string, ColumnType>>;
  /** SQL of what is not simply the column of that name: masks and renamed columns, said once more by the source. */
  readonly from?: Readonly<Record<string, string>>;
  /** Which rows the targets hold; default all. */
  readonly where?: string;
  /** Redis layout; default hash. */
  readonly layout?: 'hash' | 'json' | 'fields';
  readonly ddl: string;
  /** Its settings in the sync file, in YAML's flow style. */
  readonly settings?: string;
}

/**
 * The tables of a fault run: every kind of key, a second unique key, foreign keys that cascade, rows that are larger
 * than what is logged with its image, and every setting of the sync file that changes what the targets hold.
 */
export const faultTables: readonly FaultTable[] = [
  {
    name: 'items',
    key: ['id'],
    columns: {
      id: 'int',
      code: 'int',
      note: 'text',
      price: 'decimal',
      ratio: 'double',
      at: 'datetime3',
      stamp: 'timestamp6',
      raw: 'binary',
      flag: 'bit1',
      tags: 'set',
      doc: 'json',
    },
    ddl: `CREATE TABLE items (id INT PRIMARY KEY, code INT NULL UNIQUE, note VARCHAR(80), price DECIMAL(20,4),
      ratio DOUBLE, at DATETIME(3), stamp TIMESTAMP(6) NULL DEFAULT NULL, raw VARBINARY(40), flag BIT(1), tags SET('a','b','c'), doc JSON)`,
  },
  {
    name: 'pairs',
    key: ['a', 'b'],
    columns: { a: 'int', b: 'text', v: 'int', w: 'bigint' },
    ddl: `CREATE TABLE pairs (a INT NOT NULL, b VARCHAR(20) COLLATE utf8mb4_bin NOT NULL, v INT, w BIGINT, PRIMARY KEY (a, b))`,
  },
  {
    name: 'words',
    key: ['word'],
    columns: { word: 'text', n: 'int', body: 'text' },
    ddl: `CREATE TABLE words (word VARCHAR(40) COLLATE utf8mb4_general_ci PRIMARY KEY, n INT, body TEXT)`,
  },
  {
    name: 'counters',
    key: ['id'],
    columns: { id: 'bigint', n: 'bigint', u: 'bigint' },
    ddl: `CREATE TABLE counters (id BIGINT UNSIGNED PRIMARY KEY, n BIGINT, u BIGINT UNSIGNED)`,
  },
  {
    name: 'bulk',
    key: ['id'],
    columns: { id: 'bigint', src: 'int', note: 'text' },
    ddl: `CREATE TABLE bulk (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, src INT, note VARCHAR(80))`,
  },
  {
    name: 'parents',
    key: ['id'],
    columns: { id: 'int', v: 'int' },
    ddl: `CREATE TABLE parents (id INT PRIMARY KEY, v INT)`,
  },
  {
    name: 'children',
    key: ['id'],
    columns: { id: 'int', parent: 'int', friend: 'int', v: 'int' },
    ddl: `CREATE TABLE children (id INT PRIMARY KEY, parent INT NULL, friend INT NULL, v INT,
      FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE CASCADE ON UPDATE CASCADE,
      FOREIGN KEY (friend) REFERENCES parents (id) ON DELETE SET NULL ON UPDATE SET NULL)`,
  },
  {
    name: 'readings',
    key: ['sensor', 'at'],
    columns: { sensor: 'text', at: 'datetime6', v: 'double' },
    ddl: `CREATE TABLE readings (sensor VARCHAR(20) COLLATE utf8mb4_unicode_ci NOT NULL, at DATETIME(6) NOT NULL, v DOUBLE,
      PRIMARY KEY (sensor, at))`,
  },
  {
    name: 'large',
    key: ['id'],
    columns: { id: 'int', n: 'int', body: 'text' },
    ddl: `CREATE TABLE large (id INT PRIMARY KEY, n INT, body LONGTEXT)`,
  },
  {
    name: 'people',
    key: ['id'],
    columns: { id: 'int', email: 'text', phone: 'text', alias: 'text', active: 'int' },
    from: {
      email: 'SHA2(email, 256)',
      phone: `IF(CHAR_LENGTH(phone) <= 4, '***', CONCAT('***', RIGHT(phone, 4)))`,
      alias: 'nick',
    },
    where: 'active = 1',
    layout: 'json',
    ddl: `CREATE TABLE people (id INT PRIMARY KEY, email VARCHAR(60), phone VARCHAR(30), nick VARCHAR(80), secret VARCHAR(20),
      active TINYINT NOT NULL)`,
    settings: `{ columns: { exclude: [secret], rename: { nick: alias }, mask: { email: sha256, phone: last4 } }, where: active = 1, redis: { as: json } }`,
  },
  {
    name: 'settings',
    key: ['name'],
    columns: { name: 'text', a: 'text', n: 'int' },
    layout: 'fields',
    ddl: `CREATE TABLE settings (name VARCHAR(30) COLLATE utf8mb4_bin PRIMARY KEY, a VARCHAR(80), n INT)`,
    settings: `{ redis: { as: fields } }`,
  },
];

/** The sync file of a run. */
export function syncFileOf(database: string, captureSchema: string): string {
  const own = faultTables
    .filter(({ settings }) => settings !== undefined)
    .map(({ name, settings }) => `  - { table: ${database}.${name}, ${settings!.slice(1)}\n`);
  return `topics: { prefix: ${database}, partitions: 4 }\ncapture: { schema: ${captureSchema} }\ntables:\n${own.join('')}  - table: ${database}.*\n`;
}
