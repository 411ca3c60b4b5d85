import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openMysql } from '@tributary/capture';
import { Servers, Verification, type TableReport } from '@tributary/operations';
import { targetPlugins } from '@tributary/targets';
import { SeededRandom, sparkRemote, stackEnv, waitFor } from '@tributary/testing';
import { mongo } from 'mongoose';
import { itLong } from './support/flavours';
import { Pipeline } from './support/pipeline';
import { Corruption } from './verify/corruption';
import { LiveWriters } from './verify/live-writers';

/** Of each kind of damage; `VERIFY_CORRUPT=1000` is the full form. */
const EACH = Number(process.env['VERIFY_CORRUPT'] ?? 10);
const WRITES = 60;
const LIVE = 200;
const COLD = EACH * Corruption.KINDS;
/** Rows that nothing happens to; `VERIFY_ROWS=1000000` makes a table of the size that Spark is for. */
const HEALTHY = Number(process.env['VERIFY_ROWS'] ?? 0);
const ROWS = COLD + LIVE + HEALTHY;

jest.setTimeout(300_000 + HEALTHY);

interface Line {
  readonly target: string;
  readonly kind: string;
  readonly id: string;
  readonly repair?: { action: string; result: string };
}

interface Result {
  readonly equal: boolean;
  readonly tables: readonly {
    table: string;
    target: string;
    rows: number;
    equal: number;
    unchecked?: number;
  }[];
  readonly repairs?: Readonly<Record<string, number>>;
}

/** The worker with variables of its own, as a cluster has it. */
const workerCommand = (variables: Readonly<Record<string, string | undefined>>) =>
  [
    'env',
    ...Object.entries(variables).map(([name, value]) => `'${name}=${value}'`),
    ...[process.execPath, join(__dirname, '../dist/apps/bulk-worker/main.js')],
  ].join(' ');

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** The command line with Spark, and the differences that it has reported. */
class SparkVerify {
  remote = '';

  constructor(private readonly pipeline: Pipeline) {}

  async start(): Promise<void> {
    this.remote = await sparkRemote();
  }

  get args(): string[] {
    return ['verify', '--engine', 'spark', '--remote', this.remote, '--patience', '60'];
  }

  run(...args: string[]) {
    return this.pipeline.json<Result>(...this.args, '--report', this.#report, ...args);
  }

  get lines(): Line[] {
    return readFileSync(this.#report, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Line);
  }

  get named(): string[] {
    return this.lines.map(({ target, kind, id }) => `${target} ${kind} ${id}`).sort();
  }

  get #report(): string {
    return join(this.pipeline.folder, 'report.jsonl');
  }
}

describe('verify --engine spark beside live changes', () => {
  const pipeline = new Pipeline();
  const { database, redis } = pipeline;
  const spark = new SparkVerify(pipeline);
  // Several ranges of the source, and parts of MongoDB.
  const many = ['--range-rows', String(Math.max(40, HEALTHY / 20))];
  let live: LiveWriters;

  beforeAll(async () => {
    await spark.start();
    await pipeline.prepare([
      'CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(60), n BIGINT, price DECIMAL(20,4) NULL)',
      'CREATE TABLE names (k VARCHAR(20) COLLATE utf8mb4_general_ci PRIMARY KEY, v VARCHAR(20))',
      "INSERT INTO names VALUES ('Anna', 'a'), ('Bert', 'b')",
      'CREATE TABLE nothing (id INT PRIMARY KEY)',
    ]);
    for (let from = 1; from <= ROWS; from += 1_000) {
      const ids = Array.from({ length: Math.min(1_000, ROWS - from + 1) }, (_, at) => from + at);
      const rows = ids.map((id) => [id, `row ${id}`, id % 100, id % 3 ? id / 4 : null]);
      await pipeline.admin.query('INSERT INTO t VALUES ?', [rows]);
    }
    await pipeline.startAll();
    await pipeline.untilEqual(Math.max(90_000, (COLD + HEALTHY / 50) * 20));
    const ids = Array.from({ length: LIVE }, (_, at) => COLD + 1 + at);
    const writer = await openMysql(pipeline.adminUrl);
    await writer.query(`USE ${database}`);
    live = new LiveWriters(pipeline, writer, ids, WRITES);
    live.start();
  });
  afterAll(async () => {
    await live?.stop();
    await pipeline.stop();
  });

  itLong('R5: calls equal what is only late', async () => {
    const { code, result } = await spark.run(...many);
    expect(spark.named).toEqual([]);
    expect(code).toBe(0);
    expect(result.tables.map(({ table, target }) => `${table} ${target}`).sort()).toEqual(
      ['t', 'names', 'nothing']
        .flatMap((name) => ['mongo', 'redis'].map((target) => `${database}.${name} ${target}`))
        .sort(),
    );
    for (const { rows, equal } of result.tables) expect(equal).toBe(rows);
  });

  it('R5: names exactly what was damaged, of every kind and in pairs', async () => {
    const ids = Array.from({ length: COLD }, (_, at) => at + 1);
    const damaged = await new Corruption(pipeline, ids, EACH, new SeededRandom(EACH)).apply();
    const { code } = await spark.run(...many, '--table', `${database}.t`);
    expect(spark.named).toEqual(damaged);
    expect(code).toBe(2);
  });

  itLong('a dry run says what a repair would do, and a target can be left out', async () => {
    const { code, result } = await spark.run('--dry-run', '--target', 'redis');
    expect(code).toBe(2);
    expect(result.repairs).toEqual({ write: EACH * 5, delete: EACH * 2 });
  });

  itLong('R4: repairs beside live changes', async () => {
    const { code, result } = await spark.run('--repair', '--repair-rate', '5000');
    expect(spark.lines.filter(({ repair }) => repair?.result !== 'repaired')).toEqual([]);
    expect(code).toBe(0);
    expect(result.repairs).toEqual({ repaired: EACH * 12 });
    await live.stop();
    await pipeline.untilEqual();
    expect((await spark.run()).code).toBe(0);
    expect(live.regressions).toEqual([]);
  });

  itLong('finds documents with an _id of any type, and names that the collation calls equal', async () => {
    const { ObjectId, Double, Binary } = mongo;
    const strangers = [
      '7',
      new Double(7.5),
      true,
      new Date(0),
      new ObjectId(),
      { a: 1 },
      new Binary(Buffer.from([7])),
    ];
    for (const _id of strangers)
      await pipeline.collection('t').insertOne({ _id: _id as never, name: 'stranger' });
    await pipeline.collection('names').insertOne({ _id: 'anna' as never, v: 'a' });
    await redis.hset(`${database}:names:BERT`, 'v', 'b');
    await redis.del(`${database}:names:Anna`);
    await redis.set(`${database}:names:Anna`, 'text');
    const { code } = await spark.run(...many);
    expect(code).toBe(2);
    expect(spark.named).toEqual(
      [
        ...strangers.map((_id) => `mongo extra ${mongo.BSON.EJSON.stringify(_id, { relaxed: false })}`),
        'mongo extra "anna"',
        `redis extra ${database}:names:BERT`,
        `redis different ${database}:names:Anna`,
      ].sort(),
    );
    await pipeline.collection('t').deleteMany({ name: 'stranger' });
    await pipeline.collection('names').deleteOne({ _id: 'anna' as never });
    await redis.del(`${database}:names:BERT`, `${database}:names:Anna`);
    expect((await spark.run('--repair')).code).toBe(0);
    expect(spark.named).toEqual([`redis missing ${database}:names:Anna`]);
  });

  itLong(
    'counts the candidates that are too many to be looked at, and calls none of them equal',
    async () => {
      const lost = Array.from({ length: 12 }, (_, at) => at + 1);
      await pipeline.collection('t').deleteMany({ _id: { $in: lost as never[] } });
      const variables = { ...stackEnv(), SYNC_CONFIG: pipeline.syncFile };
      const servers = new Servers({ mysql: true, kafka: true, targets: targetPlugins }, quiet, variables);
      try {
        const verification = await Verification.open({ servers, log: quiet, note: () => undefined }, 'mongo');
        const result = await verification.once({
          ...{ target: 'mongo', table: `${database}.t`, parallel: 1, repairRate: 1, patienceMs: 60_000 },
          ...{ examples: 1, by: 'test' },
          spark: { remote: spark.remote, worker: workerCommand(variables), mostCandidates: 5 },
        });
        const [{ rows, equal, missing, unchecked }] = result.reports as [TableReport];
        expect({ missing, unchecked, less: rows - equal }).toEqual({ missing: 5, unchecked: 7, less: 12 });
      } finally {
        await servers.close();
      }
      expect((await spark.run('--repair')).code).toBe(0);
    },
  );

  itLong('says in one sentence what a worker could not do, and what does not go together', async () => {
    const variables = { ...stackEnv(), MONGODB_URI: 'mongodb://127.0.0.1:1', SYNC_CONFIG: pipeline.syncFile };
    const away = await pipeline.cli(...spark.args, '--worker', workerCommand(variables));
    expect(away.status).toBe(1);
    expect(away.stderr).toMatch(/^tributary: .*MongoDB does not answer/m);
    expect(away.stderr).not.toMatch(/^\s+at /m);

    const clash = await pipeline.cli(...spark.args, '--sample', '10', '--continuous');
    expect([clash.status, clash.stderr]).toEqual([
      1,
      expect.stringMatching(/^tributary: --sample and --continuous .*\n$/),
    ]);
  });

  itLong('ends the statement when it is interrupted', async () => {
    const child = pipeline.spawnCli(...spark.args, '--worker', `sh -c 'sleep 300' worker`);
    let said = '';
    child.stderr!.on('data', (data: Buffer) => (said += data.toString()));
    child.stdout!.resume();
    const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
    await waitFor(() => said.includes('scan'), { timeoutMs: 60_000 });
    child.kill('SIGINT');
    expect(await exited).toBe(130);
    // Its tasks have left the slots, or this one could not run.
    expect((await spark.run()).code).toBe(0);
  });
});
