import { waitFor } from '@tributary/testing';
import { Pipeline } from './support/pipeline';

jest.setTimeout(180_000);

describe('tables that cannot be captured', () => {
  const pipeline = new Pipeline({ tables: '  - table: "$db.*"\n  - { table: $db.logs, exclude: true }\n' });
  beforeAll(() =>
    pipeline.prepare([
      'CREATE TABLE good (id INT PRIMARY KEY, v INT)',
      'CREATE TABLE keyless (id INT, v INT)',
      'CREATE TABLE logs (line TEXT)',
      'INSERT INTO good VALUES (1, 1)',
      'INSERT INTO keyless VALUES (1, 1)',
    ]),
  );
  afterAll(() => pipeline.stop());

  it('R15: the relay starts beside a table without a key, names it, and loads it when it has one', async () => {
    const { admin, database, captureSchema } = pipeline;
    const keyless = `${database}.keyless`;
    const relay = await pipeline.start('trigger-relay');
    await relay.untilReady();
    const suspended = async () =>
      (JSON.parse((await relay.get('/info')).body) as { tables: { table: string; code: string }[] }).tables;
    await waitFor(async () => (await suspended()).length === 1, { timeoutMs: 60_000 });
    expect(await suspended()).toMatchObject([{ table: keyless, state: 'suspended', code: 'NO_KEY' }]);
    expect((await relay.get('/health/ready')).body).toContain(keyless);
    expect((await relay.get('/metrics')).body).toContain(`tributary_table_suspended{table="${keyless}"`);
    const loads = async () => {
      const [rows] = await admin.query(
        `SELECT DISTINCT table_name AS name FROM \`${captureSchema}\`.snapshot_job WHERE state = 'done'`,
      );
      return (rows as { name: string }[]).map(({ name }) => name).sort();
    };
    await waitFor(async () => (await loads()).length === 1, { timeoutMs: 60_000 });
    expect(await loads()).toEqual([`${database}.good`]);

    await admin.query('ALTER TABLE keyless ADD PRIMARY KEY (id)');
    await waitFor(async () => (await loads()).includes(keyless), { timeoutMs: 60_000 });
    await waitFor(async () => (await suspended()).length === 0, { timeoutMs: 60_000 });
    expect(await loads()).toEqual([`${database}.good`, keyless]);

    await admin.query('ALTER TABLE good DROP PRIMARY KEY');
    await waitFor(async () => (await suspended()).length === 1, { timeoutMs: 60_000 });
    await admin.query('INSERT INTO good VALUES (2, 2)');
    await relay.end('SIGKILL');
    await admin.query('ALTER TABLE good ADD PRIMARY KEY (id)');
    const before = await doneJobs();
    const next = await pipeline.start('trigger-relay');
    await next.untilReady();
    await waitFor(async () => (await doneJobs()) > before, { timeoutMs: 60_000 });
    expect(next.events('table-suspended')).toEqual([]);
  });

  const doneJobs = async () => {
    const [rows] = await pipeline.admin.query(
      `SELECT COUNT(*) AS n FROM \`${pipeline.captureSchema}\`.snapshot_job WHERE state = 'done' AND table_name = ?`,
      [`${pipeline.database}.good`],
    );
    return Number((rows as { n: number }[])[0]!.n);
  };
});
