import { SeededRandom, sparkRemote, stackEnv, waitFor } from '@tributary/testing';
import { Topics } from './faults/topics';
import { bulkWorkers } from './spark/bulk-workers';
import { emptyTargets, PAIRS, startLoaded } from './spark/loaded-tables';
import { Traffic } from './spark/traffic';
import { itLong } from './support/flavours';
import { Pipeline } from './support/pipeline';

jest.setTimeout(600_000);

/** Of the table `wide`. */
const ROWS = 4_000;

interface Loaded {
  readonly table: string;
  readonly state: string;
  readonly rows: number;
  readonly ranges: number;
  readonly rangesBefore: number;
}

describe('a load by Spark', () => {
  const tables = '  - table: "$db.*"\n';
  const pipeline = new Pipeline({ tables });
  let remote: string;

  beforeAll(async () => {
    remote = await sparkRemote();
    pipeline.setEnv({ SPARK_REMOTE: remote });
    await startLoaded(pipeline, ROWS);
  });
  afterAll(() => pipeline.stop());

  const load = (...args: string[]) =>
    pipeline.json<Loaded[]>('snapshot', 'start', '--engine', 'spark', ...args);

  it('brings every row of every table, and the sinks remove what is none (R5)', async () => {
    await emptyTargets(pipeline);
    await pipeline.collection('pairs').insertOne({ v: 'of nobody', _sync: { v: 1n } } as never);
    const { code, result } = await load('--range-rows', '1000');
    expect(code).toBe(0);
    expect(
      result.map(({ table, state, rows, ranges }) => [table.split('.')[1], state, rows, ranges]),
    ).toEqual([
      ['pairs', 'done', PAIRS, 1],
      ['wide', 'done', ROWS, 5],
    ]);
    await waitFor(async () => (await pipeline.collection('wide').countDocuments()) === ROWS, {
      timeoutMs: 60_000,
    });
    await pipeline.untilEqual();
  });

  it('--via direct: workers write the targets themselves, and no row goes through Kafka', async () => {
    const topics = new Topics(stackEnv().KAFKA_BROKERS, pipeline.prefix);
    const rows = async () =>
      (await topics.read('loads', ({ headers }) => headers['control'] === undefined)).length;
    const before = await rows();
    await emptyTargets(pipeline);
    const { result } = await load('--via', 'direct');
    expect(result.map(({ state }) => state)).toEqual(['done', 'done']);
    // Without a wait: nobody else writes them.
    expect(await pipeline.collection('wide').countDocuments()).toBe(ROWS);
    expect(await pipeline.redis.scard(`${pipeline.database}:wide`)).toBe(ROWS);
    expect(await rows()).toBe(before);
    await pipeline.untilEqual();
  });

  it('a paused table is refused, before anything is read', async () => {
    const table = `${pipeline.database}.pairs`;
    await pipeline.cli('pause', '--table', table, '--target', 'redis');
    const { status, stderr } = await pipeline.cli(
      ...['snapshot', 'start', '--engine', 'spark', '--via', 'direct', '--table', table],
    );
    await pipeline.cli('resume', '--table', table, '--target', 'redis');
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/leave out --via direct:\n {2}.*pairs is paused/),
    ]);
  });

  it('R3 to R6: beside live changes, with workers and commands killed at random, all ends equal', async () => {
    const random = new SeededRandom(20261130);
    await emptyTargets(pipeline);
    const traffic = new Traffic(pipeline.adminUrl, pipeline.database, random, ROWS);
    await traffic.start();
    let commandsKilled = 0;
    let workersKilled = 0;
    try {
      for (let done = false; !done;) {
        const command = pipeline.spawnCli(
          'snapshot',
          'start',
          '--engine',
          'spark',
          '--range-rows',
          '400',
          '--json',
        );
        const ended = new Promise<number | null>((resolve) => command.once('close', resolve));
        let code: number | null | undefined;
        void ended.then((found) => (code = found));
        while (code === undefined) {
          await new Promise((resolve) => setTimeout(resolve, random.integer(200, 1_500)));
          if (workersKilled < 4)
            for (const worker of await bulkWorkers(pipeline.syncFile))
              if (random.chance(0.5)) {
                worker.kill('SIGKILL');
                workersKilled += 1;
              }
          if (commandsKilled < 2 && workersKilled > 0 && random.chance(0.1)) {
            command.kill('SIGKILL');
            commandsKilled += 1;
          }
        }
        done = code === 0;
      }
    } finally {
      await traffic.stop();
    }
    expect(workersKilled).toBeGreaterThan(0);
    expect(traffic.counts.committed).toBeGreaterThan(100);
    expect(traffic.counts.rolledBack).toBeGreaterThan(0);
    await pipeline.untilEqual(180_000);
  });

  itLong(
    'Ctrl-C ends the statement and its workers, and the same command reads no finished range again',
    async () => {
      const args = [
        'snapshot',
        'start',
        '--engine',
        'spark',
        '--table',
        `${pipeline.database}.wide`,
        '--range-rows',
        '200',
      ];
      const command = pipeline.spawnCli(...args);
      const ended = new Promise<number | null>((resolve) => command.once('close', resolve));
      const done = async () => {
        const [rows] = await pipeline.admin.query(
          `SELECT COUNT(*) AS n FROM \`${pipeline.captureSchema}\`.bulk_range WHERE state = 'done'`,
        );
        return Number((rows as { n: string }[])[0]!.n);
      };
      await waitFor(async () => (await done()) >= 2, { timeoutMs: 120_000, everyMs: 100 });
      command.kill('SIGINT');
      expect(await ended).toBe(130);
      await waitFor(async () => (await bulkWorkers(pipeline.syncFile)).length === 0, { timeoutMs: 20_000 });
      const before = await done();
      const status = await pipeline.json<{ state: string; engine: string }[]>('snapshot', 'status');
      expect(status.result.at(-1)).toMatchObject({ state: 'queued', engine: 'spark' });
      const { result } = await load('--table', `${pipeline.database}.wide`);
      expect(result[0]).toMatchObject({ state: 'done', rangesBefore: before });
      await pipeline.untilEqual();
    },
  );

  itLong('says in one sentence what is wrong with a worker that always fails', async () => {
    pipeline.setEnv({
      SPARK_WORKER: 'node -e "console.error(1 + 1); setTimeout(() => process.exit(9), 300)" --',
    });
    try {
      const { status, stderr } = await pipeline.cli(
        'snapshot',
        'start',
        '--engine',
        'spark',
        '--table',
        `${pipeline.database}.pairs`,
      );
      expect(status).toBe(1);
      expect(stderr.trim().split('\n').at(-1)).toMatch(/^tributary: .*status 9.*2/);
    } finally {
      pipeline.setEnv({ SPARK_WORKER: '' });
    }
    const { result } = await load('--table', `${pipeline.database}.pairs`);
    expect(result).toMatchObject([{ state: 'done', rows: PAIRS }]);
  });

  it.each([
    ['--remote sc://127.0.0.1:1', /^tributary: .*127\.0\.0\.1:1/],
    ['--remote sc://127.0.0.1:1 --master local', /give one of them/],
    ['--priority 3', /leave it out with --engine spark/],
  ])('refuses %s in one sentence', async (args, sentence) => {
    const { status, stderr } = await pipeline.cli(
      'snapshot',
      'start',
      '--engine',
      'spark',
      ...args.split(' '),
    );
    expect(status).toBe(1);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(sentence);
  });
});
