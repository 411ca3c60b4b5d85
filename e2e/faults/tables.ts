/** How a column is stored; each type has its own conversion in expected-row.ts. */
export type ColumnType =
  | 'int'
  | 'bigint'
  | 'decimal'
  | 'double'
  | 'datetime3'
  | 'timestamp6'
  | 'binary'
  | 'bit1'
  | 'set'
  | 'json'
  | 'text';

export interface FaultTable {
  readonly name: string;
  readonly key: readonly string[];
  readonly columns: Readonly<Record<string, ColumnType>>;
  readonly ddl: string;
}

/** The tables of a fault run: every kind of key, a second unique key, and foreign keys that cascade. */
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
];
