import type { Connection } from '../src';

/** The statements that mysqldump writes of a table with its triggers, in its order, to be run by `restore`. */
export async function dump(connection: Connection, table: string): Promise<string[]> {
  const one = async (sql: string) => ((await connection.query(sql))[0] as Record<string, unknown>[])[0]!;
  const name = `\`${table}\``;
  const create = String((await one(`SHOW CREATE TABLE ${name}`))['Create Table']);
  const [rows] = (await connection.query({ sql: `SELECT * FROM ${name}`, rowsAsArray: true })) as unknown as [
    unknown[][],
  ];
  const [triggers] = (await connection.query(
    `SHOW TRIGGERS LIKE ${connection.escape(table)}`,
  )) as unknown as [{ Trigger: string }[]];
  const statements = [
    `DROP TABLE IF EXISTS ${name}`,
    create,
    `LOCK TABLES ${name} WRITE`,
    `/*!40000 ALTER TABLE ${name} DISABLE KEYS */`,
    ...(rows.length > 0 ? [connection.format(`INSERT INTO ${name} VALUES ?`, [rows])] : []),
    `/*!40000 ALTER TABLE ${name} ENABLE KEYS */`,
    'UNLOCK TABLES',
  ];
  for (const { Trigger } of triggers)
    statements.push(String((await one(`SHOW CREATE TRIGGER \`${Trigger}\``))['SQL Original Statement']));
  return statements;
}

/** What stands at the head of every dump. */
export const dumpHead = [
  'SET NAMES utf8mb4',
  `SET time_zone = '+00:00'`,
  'SET unique_checks = 0',
  'SET foreign_key_checks = 0',
  `SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO'`,
  'SET sql_notes = 0',
];

export async function restore(
  connection: Connection,
  statements: readonly string[],
  between: (statement: string) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  for (const statement of [...dumpHead, ...statements]) {
    await connection.query(statement);
    await between(statement);
  }
}
