import type { Connection, FieldPacket } from 'mysql2/promise';
import { installCapture, openMysql, readingPlan, readShapes, type ReadingPlan } from '../src';
import { flavours, openSource, type Source } from './servers';
import { inZone, typeCases } from './type-cases';

describe.each(flavours)('the plan for other readers on %s', (flavour) => {
  let source: Source;
  let reader: Connection;
  const account = `reader_${process.pid}`;
  beforeEach(async () => {
    source = await openSource(flavour);
    await source.admin.query(`CREATE USER ${account} IDENTIFIED BY 'reading'`);
    await source.admin.query(`GRANT SELECT ON ${source.database}.* TO ${account}`);
    const url = Object.assign(new URL(source.adminUrl), { username: account, password: 'reading' });
    reader = await openMysql(String(url));
  });
  afterEach(async () => {
    reader.destroy();
    await source.admin.query(`DROP USER ${account}`);
    await source.close();
  });

  const all = () => true;
  const ofTable = ({ tables }: ReadingPlan, table: string) =>
    tables.find((reading) => reading.table === `${source.database}.${table}`)!;

  it('R9: an account that may only read gets the cells that the triggers log, for every type', async () => {
    const chosen = typeCases(flavour);
    await source.admin.query(
      `CREATE TABLE types (id INT PRIMARY KEY, ${chosen.map(({ type }, at) => `c${at} ${type}`).join(', ')})`,
    );
    const config = source.config('{ table: DB.types }');
    const reading = ofTable(await readingPlan(reader, config, all), 'types');
    await installCapture(source.relay, config);
    const rows = Math.max(...chosen.map(({ values }) => values.length));
    await source.admin.query(`SET time_zone = '+05:30'`);
    for (let row = 0; row < rows; row += 1) {
      const cells = chosen.map(({ type, values: { [row]: value } }) =>
        value ? inZone(type, value[0]) : 'NULL',
      );
      await source.admin.query(`INSERT INTO types VALUES (${row}, ${cells.join(', ')})`);
    }
    const logged = (await source.log()).map(({ after }) => JSON.parse(after!) as unknown);
    const [read] = await reader.query({ sql: `${reading.select} ORDER BY types.id`, rowsAsArray: true });
    expect(read).toEqual(logged);
    const [shape] = await readShapes(source.relay, source.captureSchema);
    expect(reading.schema).toEqual(shape!.schema);
    expect(reading.fingerprint).toBe(shape!.schema.fingerprint);
  }, 60_000);

  it('names columns as the table does, and says what is to be done besides', async () => {
    const odd = ['a.b', 'back`tick', ' lead', '?', 'select'];
    const quoted = odd.map((name) => `\`${name.replaceAll('`', '``')}\` INT`).join(', ');
    await source.admin.query(
      `CREATE TABLE odd (k INT, part INT, mail VARCHAR(40), doc LONGTEXT, ${quoted}, PRIMARY KEY (part, k))`,
    );
    await source.admin.query(
      `INSERT INTO odd (k, part, mail) VALUES (1, 1, 'a@b.c'), (2, 1, 'd@e.f'), (3, 2, 'g@h.i')`,
    );
    await source.admin.query('CREATE TABLE keyless (a INT)');
    const config = source.config(
      '{ table: DB.odd, where: "odd.part = 1", columns: { rename: { k: key_part }, mask: { mail: sha256 } } }',
      '{ table: DB.keyless }',
    );
    const plan = await readingPlan(reader, config, all);
    const reading = ofTable(plan, 'odd');
    const [rows, fields] = (await reader.query({ sql: reading.select, rowsAsArray: true })) as unknown as [
      unknown[][],
      FieldPacket[],
    ];
    // Servers drop the blanks that a result's column name begins with.
    expect(fields.map(({ name }) => name)).toEqual(
      ['k', 'part', 'mail', 'doc', ...odd].map((name) => name.trimStart()),
    );
    expect(rows.map((row) => row.slice(0, 4))).toEqual([
      ['1', '1', 'a@b.c', null],
      ['2', '1', 'd@e.f', null],
    ]);
    expect(reading.columns[0]).toEqual({ name: 'k', field: 'key_part', expression: 'CAST(`k` AS CHAR)' });
    expect(reading.key).toEqual(['part', 'k']);
    expect(reading.schema.key).toEqual(['part', 'key_part']);
    expect([reading.enough, reading.besides.map(({ column, code }) => `${column} ${code}`)]).toEqual([
      false,
      ['mail MASKED', 'doc LONG'],
    ]);
    await source.admin.query(`UPDATE odd SET doc = REPEAT('x', 300000) WHERE k = 2`);
    const [large] = await reader.query({
      sql: `SELECT k FROM ${reading.from} WHERE ${reading.where} AND ${reading.large}`,
      rowsAsArray: true,
    });
    expect(large).toEqual([[2]]);
    expect(plan.suspended).toEqual([expect.objectContaining({ code: 'NO_KEY' })]);
  });

  it('shows no table whose column was to be hidden under a name that it does not have', async () => {
    await source.admin.query('CREATE TABLE people (id INT PRIMARY KEY, secret INT)');
    const config = source.config('{ table: DB.*, columns: { exclude: [sercet] } }');
    const plan = await readingPlan(reader, config, all);
    expect(plan.tables).toEqual([]);
    expect(plan.suspended).toEqual([expect.objectContaining({ code: 'UNKNOWN_COLUMN' })]);
  });
});
