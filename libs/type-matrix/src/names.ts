import {
  columnsTable,
  decimal,
  int,
  long,
  quoted,
  rowOf,
  text,
  type MatrixRow,
  type MatrixTable,
} from './matrix-table';

const columnNames = [
  'a.b',
  '$lead',
  '$set',
  'with$dollar',
  'with space',
  "it's",
  '"dq"',
  'back`tick',
  'back\\slash',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'then',
  '_bsontype',
  'toBSON',
  'length',
  'select',
  'Order',
  'group',
  'NEW',
  'OLD',
  '42',
  '0',
  '1st',
  'ünï漢',
  '❤',
  'a:b%c',
  '{x}',
  '${x}',
  '?',
  '??',
  ':named',
  '-- x',
  '/* x */',
  '_v_',
  'tributary$key',
  'tributary$after',
  'line\nbreak',
  ' lead',
  'x'.repeat(64),
];

/** Names that a target uses itself get underscores at their end. */
const own = {
  _id: { mongo: '_id_', redis: '_id' },
  _sync: { mongo: '_sync_', redis: '_sync' },
  _v: { mongo: '_v', redis: '_v__' },
} as const;

const tableNames = [
  'UPPER_Case',
  'dot.ted name-1{x}',
  `quo'te"d ? \\`,
  'back`tick a:b%c',
  'Ünï漢❤',
  '__proto__',
  'constructor',
  '1st',
];

export function nameTables(): MatrixTable[] {
  const plain = columnNames.map((name, at) => [name, int(at)] as const);
  const cells = [...plain, ...Object.keys(own).map((name, at) => [name, int(1000 + at)] as const)];
  const row = rowOf('Names', 1, cells);
  const names: MatrixTable = {
    name: 'Names',
    ddl: `CREATE TABLE Names (id INT PRIMARY KEY, ${cells.map(([name]) => `${quoted(name)} INT`).join(', ')})`,
    rows: [
      {
        ...row,
        mongo: row.mongo.map(([name, value]) => [renamed(name)?.mongo ?? name, value] as const),
        redis: row.redis.map(([name, value]) => [renamed(name)?.redis ?? name, value] as const),
      },
    ],
  };
  const tables = tableNames.map((name) =>
    columnsTable(name, [{ name: 'v', type: 'VARCHAR(40)', cells: [text(name)] }]),
  );
  return [names, ...tables, generatedTable()];
}

const renamed = (name: string) => (Object.hasOwn(own, name) ? own[name as keyof typeof own] : undefined);

function generatedTable(): MatrixTable {
  const rows: MatrixRow[] = (
    [
      [1, 21, 'é😀', '42', 'C3A9F09F9880'],
      [2, -2147483648, '', '-4294967296', ''],
    ] as const
  ).map(([id, n, t, doubled, hex]) =>
    rowOf(
      'generated',
      id,
      [
        ['n', int(n)],
        ['t', text(t)],
      ],
      [
        ['twice', long(doubled)],
        ['kept', text(`<${t}>`)],
        ['hex', text(hex)],
        ['quarter', decimal((n / 4).toFixed(4))],
        ['whole', text(`{"n":${n}}`)],
      ],
    ),
  );
  return {
    name: 'generated',
    ddl: `CREATE TABLE ${quoted('generated')} (id INT PRIMARY KEY, n INT, t VARCHAR(20) CHARACTER SET utf8mb4,
      twice BIGINT AS (n * 2) VIRTUAL, kept VARCHAR(40) CHARACTER SET utf8mb4 AS (CONCAT('<', t, '>')) STORED,
      hex VARCHAR(200) AS (HEX(t)) VIRTUAL, quarter DECIMAL(20,4) AS (n / 4) STORED,
      whole LONGTEXT AS (CONCAT('{"n":', n, '}')) STORED)`,
    rows,
  };
}
