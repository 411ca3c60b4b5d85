import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openMysql } from '@tributary/capture';
import { SeededRandom, waitFor } from '@tributary/testing';
import { compareAll } from './faults/compare';
import type { FaultTable } from './faults/tables';
import { describeLong, type Flavour } from './support/flavours';
import { Pipeline } from './support/pipeline';
import { Corruption, mongoId } from './verify/corruption';
import { LiveWriters } from './verify/live-writers';

/** `VERIFY_CORRUPT=1000 VERIFY_WRITES=1000` is the full form (`nx run e2e:verify`). */
const EACH = Number(process.env['VERIFY_CORRUPT'] ?? 25);
const WRITES = Number(process.env['VERIFY_WRITES'] ?? 60);
const LIVE = 200;
const COLD = EACH * Corruption.KINDS;
jest.setTimeout(Math.max(240_000, EACH * 3_000));

interface Line {
  readonly target: string;
  readonly kind: string;
  readonly id: string;
  readonly columns: readonly { column: string; source?: string; target?: string }[];
  readonly repair?: { action: string; result: string; note?: string };
}

const tables: FaultTable[] = [
  { name: 't', key: ['id'], columns: { id: 'int', name: 'text', n: 'bigint', price: 'decimal' }, ddl: '' },
  { name: 'names', key: ['k'], columns: { k: 'text', v: 'text' }, ddl: '' },
];

const ddl = [
  'CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(60), n BIGINT, price DECIMAL(20,4) NULL)',
  'CREATE TABLE names (k VARCHAR(20) COLLATE utf8mb4_general_ci PRIMARY KEY, v VARCHAR(20))',
  "INSERT INTO names VALUES ('Anna', 'a'), ('Bert', 'b')",
];

/** For each commit: libs/verify/test, and what the command line says of a running pipeline in apps/cli/test. */
describeLong.each<Flavour>(['mysql', 'mariadb'])('verify and repair beside live changes on %s', (mysql) => {
  const pipeline = new Pipeline({ mysql });
  const reportFile = () => join(pipeline.folder, 'report.jsonl');
  const lines = () =>
    readFileSync(reportFile(), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Line);
  const named = () => lines().map(({ target, kind, id }) => `${target} ${kind} ${id}`);
  const verify = (...args: string[]) =>
    pipeline.json<{ tables: { repaired: number }[]; repairs?: Record<string, number> }>(
      ...['verify', '--patience', '60', '--report', reportFile(), ...args],
    );
  let live: LiveWriters;

  beforeAll(async () => {
    await pipeline.prepare(ddl);
    for (let from = 1; from <= COLD + LIVE; from += 1_000) {
      const ids = Array.from({ length: Math.min(1_000, COLD + LIVE - from + 1) }, (_, at) => from + at);
      const rows = ids.map((id) => [id, `row ${id}`, id % 100, id % 3 ? id / 4 : null]);
      await pipeline.admin.query('INSERT INTO t VALUES ?', [rows]);
    }
    await pipeline.startAll();
    await pipeline.untilEqual(Math.max(90_000, COLD * 20));
    const ids = Array.from({ length: LIVE }, (_, at) => COLD + 1 + at);
    const writer = await openMysql(pipeline.adminUrl);
    await writer.query(`USE ${pipeline.database}`);
    live = new LiveWriters(pipeline, writer, ids, WRITES);
    live.start();
  });
  afterAll(async () => {
    await live?.stop();
    await pipeline.stop();
  });

  it('R5: names exactly what was damaged, of every kind and in pairs, and nothing of what is only late', async () => {
    expect((await verify()).code).toBe(0);
    const ids = Array.from({ length: COLD }, (_, at) => at + 1);
    const damaged = await new Corruption(pipeline, ids, EACH, new SeededRandom(EACH)).apply();
    const { code } = await verify('--table', `${pipeline.database}.t`);
    expect(code).toBe(2);
    expect(named().sort()).toEqual(damaged);
    const changed = lines().find(({ target, kind }) => target === 'redis' && kind === 'stale')!;
    expect(changed.columns).toEqual([
      { column: 'name', source: expect.stringMatching(/^row \d+$/), target: 'an older state' },
    ]);
  });

  it('a dry run says what a repair would do and changes nothing', async () => {
    const before = named().sort();
    const { code, result } = await verify('--dry-run', '--table', `${pipeline.database}.t`);
    expect(code).toBe(2);
    // Extra rows in both targets, and members of the index set that stand for no row.
    expect(result.repairs).toEqual({ write: EACH * 9, delete: EACH * 3 });
    expect(named().sort()).toEqual(before);
  });

  it('R4: repair brings both targets to the truth through the pipeline, and no live change is lost or goes back', async () => {
    const { code, result } = await verify('--repair', '--repair-rate', '5000');
    expect(lines().filter(({ repair }) => repair?.result !== 'repaired')).toEqual([]);
    expect(code).toBe(0);
    expect(result.repairs).toEqual({ repaired: EACH * 12 });
    await live.stop();
    await pipeline.untilEqual();
    const compared = await compareAll(tables, {
      ...{ url: pipeline.adminUrl, database: pipeline.database },
      ...{ mongo: pipeline.mongo.getClient(), redis: pipeline.redis },
    });
    expect(compared.differences).toEqual([]);
    expect(live.regressions).toEqual([]);
    expect(live.changes).toBeGreaterThan(100);
    console.log(
      `${mysql}: ${EACH} of each kind under ${Math.round(live.changes / live.seconds)} row changes/s`,
    );
  });

  it('tells apart keys that the collation calls equal, keys that no row can have, and a row that is refused again', async () => {
    const { database, redis } = pipeline;
    const table = ['--table', `${database}.names`];
    await pipeline.collection('names').insertOne({ _id: 'anna' as never, v: 'a' });
    await pipeline.collection('names').insertOne({ _id: { a: 1 } as never });
    await redis.hset(`${database}:names:BERT`, 'v', 'b');
    // A value of another type: the sink cannot write there, whatever comes.
    await redis.del(`${database}:names:Anna`);
    await redis.set(`${database}:names:Anna`, 'text');
    const { code } = await verify('--repair', ...table);
    expect(code).toBe(2);
    const outcome = lines().map(({ target, kind, id, repair }) =>
      [target, kind, id.replace(`${database}:names:`, ''), repair!.action, repair!.result].join(' '),
    );
    expect(outcome.sort()).toEqual([
      'mongo extra "anna" delete repaired',
      'mongo extra {"a":{"$numberInt":"1"}} none different',
      'redis different Anna write refused',
      'redis extra BERT delete repaired',
    ]);
    expect(lines().find(({ repair }) => repair!.result === 'refused')!.repair!.note).toMatch(
      /dead letter \d+:\d+/,
    );
    expect(await pipeline.collection('names').countDocuments({ _id: 'Anna' as never })).toBe(1);

    await pipeline.collection('names').deleteOne({ _id: { a: 1 } as never });
    await redis.del(`${database}:names:Anna`);
    expect((await verify('--repair', ...table)).code).toBe(0);
    expect((await verify('--sample', '100%', ...table)).code).toBe(0);
  });

  it('compares again and again, with metrics, until SIGTERM', async () => {
    const child = pipeline.spawnCli(
      ...['verify', '--continuous', '--interval', '0.2', '--rate', '5000', '--port', '0', '--patience', '60'],
    );
    let said = '';
    child.stderr!.on('data', (data: Buffer) => (said += data.toString()));
    child.stdout!.resume();
    const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
    const port = await waitFor(() => /:(\d+)\/metrics/.exec(said)?.[1], { timeoutMs: 60_000 });
    const get = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
    const metric = async (name: string) => {
      const line = (await get('/metrics')).split('\n').find((text) => text.startsWith(name));
      return line === undefined ? undefined : Number(line.split(' ').at(-1));
    };
    const labels = `{table="${pipeline.database}.t",target="mongo",kind="missing"}`;
    await waitFor(async () => ((await metric('tributary_verify_passes_total{outcome="equal"}')) ?? 0) >= 2, {
      timeoutMs: 90_000,
    });
    expect(await metric(`tributary_verify_differences${labels}`)).toBe(0);
    expect(await get('/health')).toContain('ok');

    await pipeline.collection('t').deleteOne({ _id: 1 as never });
    await waitFor(async () => (await metric(`tributary_verify_differences${labels}`)) === 1, {
      timeoutMs: 90_000,
    });
    child.kill('SIGTERM');
    expect(await exited).toBe(2);
    expect((await verify('--repair')).code).toBe(0);
    expect(named()).toEqual([`mongo missing ${mongoId(1)}`]);
  });
});
