import { quoteIdentifier } from '@tributary/capture';

/** Texts that mean something to SQL, MongoDB, Redis, Kafka, JSON, YAML, shells, terminals or JavaScript. */
export const hostileTexts = [
  `'; DROP TABLE victims; -- `,
  `" OR "1"="1`,
  `\\'; DELETE FROM victims; #`,
  '`victims`; TRUNCATE victims',
  `1) ON DUPLICATE KEY UPDATE id = (SELECT 1`,
  `{"$gt": ""}`,
  `{"$where": "while (true) {}"}`,
  '$set',
  '__proto__',
  'constructor',
  '{"__proto__": {"polluted": true}}',
  '*1\r\n$8\r\nFLUSHALL\r\n',
  '\r\nSHUTDOWN NOSAVE\r\n',
  `']) redis.call('FLUSHALL') --`,
  'a:b%3Ac',
  ':_v',
  '{x}',
  'nul\0in it',
  '"}, "op": "d", "x": {"y": "',
  '${process.exit(9)}',
  '{{7*7}}',
  '$(touch owned)',
  '../../../etc/passwd',
  '%s%n%x',
  '\u001b]0;title\u0007\u001b[2J',
  '\u202egnirts',
  '\u2028\u2029\ufeff',
  '!!js/function "x"',
  '=cmd|calc!A0',
  '<script>alert(1)</script>',
] as const;

const tableNames = [
  `x'; DROP TABLE victims; #`,
  'x`; DROP TABLE `victims',
  `x"); process.exit(9); ("`,
  `KEYS[1]..redis.call('FLUSHALL')`,
  '*',
  'a\r\nFLUSHALL',
  '__proto__',
  '-- /* ?',
  ':n ?? @x',
] as const;

const columnNames = [
  "a', SLEEP(9), '",
  'b`, (SELECT 1) AS `c',
  'NEW.id); DELETE FROM victims; (',
  '$where',
  'constructor.prototype.x',
] as const;

/** Every table has a text key, a body, a JSON document and columns with names of the same kind. */
export const tables = tableNames.map((name) => ({
  name,
  ddl: `CREATE TABLE ${quoteIdentifier(name)} (id VARCHAR(120) COLLATE utf8mb4_bin PRIMARY KEY, body TEXT, doc JSON,
    ${columnNames.map((column) => `${quoteIdentifier(column)} VARCHAR(80)`).join(', ')})`,
}));

/** Rows for one of the tables, one for each text. */
export const valuesOf = (table: string, texts: readonly string[]): unknown[][] =>
  texts.map((text) => [
    text,
    `${table} ${text}`,
    JSON.stringify({ [text]: text, list: [text] }),
    ...columnNames.map(() => text),
  ]);
