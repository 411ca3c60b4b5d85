import {
  captureExpression,
  describeTables,
  installCapture,
  quoteIdentifier,
  type Connection,
  type TablePlan,
} from '../src';
import { flavours, openSource, type Source } from './servers';
import { inZone, typeCases } from './type-cases';

/** Values of a column that its collation or its type takes for equal, and an image does not. */
const alike: Record<string, string[]> = {
  'VARCHAR(200)': [`'a'`, `'A'`, `'a '`, `'á'`, `'ss'`, `'ß'`],
  DOUBLE: ['0', '-0e0'],
  // Not 1 and 1.0: MySQL shows a trigger that change, and does not make it.
  JSON: [`'{"a": "x"}'`, `'{"a": "X"}'`],
  TEXT: [`'a'`, `'A'`],
  'VARCHAR(200) CHARACTER SET latin1': [`'é'`, `'É'`, `'e'`],
  'VARBINARY(300)': [`'a'`, `X'6100'`, `X'6120'`],
  'DECIMAL(65,30)': ['0', '-0.0', '1', '1.0'],
};

describe.each(flavours)('the usual change on %s', (flavour) => {
  let source: Source;
  let admin: Connection;
  const cases = typeCases(flavour);
  beforeAll(async () => {
    source = await openSource(flavour);
    admin = source.admin;
    await admin.query(`SET time_zone = '+05:30'`);
  });
  afterAll(() => source.close());

  async function create(table: string, entry = ''): Promise<TablePlan> {
    const columns = cases.map(({ type }, at) => `c${at} ${type}`).join(', ');
    await admin.query(`CREATE TABLE ${table} (id INT PRIMARY KEY, ${columns})`);
    const config = source.config(`{ table: DB.${table}${entry} }`);
    await installCapture(source.relay, config);
    return (await describeTables(source.relay, config))[0]!;
  }

  /** Makes the triggers of a table fail the write where they would run their own block. */
  async function withoutOwnBlocks(table: string): Promise<void> {
    const [triggers] = (await admin.query(
      `SELECT trigger_name AS name, CONCAT('AFTER ', event_manipulation) AS time, action_statement AS body
       FROM information_schema.triggers WHERE event_object_schema = ? AND event_object_table = ?`,
      [source.database, table],
    )) as unknown as [{ name: string; time: string; body: string }[]];
    expect(triggers).toHaveLength(3);
    for (const { name, time, body } of triggers) {
      const own = /\nBEGIN\n.*?\nEND;\n/s;
      expect(body).toMatch(own);
      const failing = body.replace(own, `\nSIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the own block';\n`);
      await admin.query(`DROP TRIGGER ${name}`);
      await admin.query(`CREATE TRIGGER ${name} ${time} ON ${table} FOR EACH ROW ${failing}`);
    }
  }

  it.each([
    ', before: false',
    ', before: true',
    ', before: false, where: "id > 0 AND c0 IS NULL OR id < 100"',
  ])(
    'R1: of every type is logged by one statement (settings: "%s")',
    async (entry) => {
      const table = `usual${entry.length}`;
      await create(table, entry);
      await withoutOwnBlocks(table);
      const before = (await source.log()).length;
      for (const [at, { type, values }] of cases.entries())
        for (const [sql] of values) {
          await admin.query(`INSERT INTO ${table} (id, c${at}) VALUES (1, ${inZone(type, sql)}), (2, NULL)`);
          await admin.query(`UPDATE ${table} SET c${at} = ${inZone(type, sql)} WHERE id = 2`);
          await admin.query(`UPDATE ${table} SET c${at} = c${at}`);
          await admin.query(`DELETE FROM ${table}`);
        }
      const values = cases.reduce((sum, { values: { length } }) => sum + length, 0);
      expect((await source.log()).slice(before).map(({ op }) => op)).toEqual(
        Array.from({ length: values }, () => ['c', 'c', 'u', 'd', 'd']).flat(),
      );
      // The test's own: these do need the block.
      await admin.query(`INSERT INTO ${table} (id) VALUES (1)`);
      await expect(admin.query(`UPDATE ${table} SET id = 2`)).rejects.toThrow('the own block');
      await admin.query('SET SESSION auto_increment_increment = 2');
      await expect(admin.query(`DELETE FROM ${table}`)).rejects.toThrow('the own block');
      await admin.query('SET SESSION auto_increment_increment = 1');
    },
    120_000,
  );

  it('R1: an update is logged if and only if an image of the row is another one', async () => {
    const plan = await create('compared');
    await admin.query('INSERT INTO compared (id) VALUES (1)');
    const wrong: string[] = [];
    for (const [at, { type, values }] of cases.entries()) {
      const column = plan.schema.columns[at + 1]!;
      const cell = captureExpression(column, quoteIdentifier(column.name), flavour);
      const texts = [...values.map(([sql]) => inZone(type, sql)), ...(alike[type] ?? []), 'NULL'];
      for (const sql of texts.flatMap((one) => texts.flatMap((other) => [one, other]))) {
        const look = async () => {
          const [[row]] = (await admin.query(
            `SELECT ${cell} AS cell, (SELECT COUNT(*) FROM ${source.captureSchema}.change_log) AS entries FROM compared`,
          )) as unknown as [[{ cell: string | null; entries: number }]];
          return row;
        };
        const before = await look();
        await admin.query(`UPDATE compared SET c${at} = ${sql}`);
        const after = await look();
        const logged = Number(after.entries) - Number(before.entries);
        if (logged !== (before.cell === after.cell ? 0 : 1)) wrong.push(`${type}: ${sql}`);
      }
    }
    expect(wrong).toEqual([]);
  }, 240_000);
});
