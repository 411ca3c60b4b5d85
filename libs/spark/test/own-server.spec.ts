import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sparkRemote, waitFor } from '@tributary/testing';
import { openSpark, transformSql } from '../src';

const root = join(__dirname, '../../..');

/** Processes that were started with this text in their environment or command line. */
const processesWith = (text: string) =>
  execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(text));

describe('a Connect server of our own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-own-'));
  // Brings the jars into the cache.
  beforeAll(sparkRemote);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('runs for the time of the session, with the environment it is given, and leaves nothing', async () => {
    const lines: string[] = [];
    const spark = await openSpark({
      ...{ master: 'local[1]', memory: '600m', say: (line: string) => lines.push(line) },
      ...{ env: { ...process.env, OF_THE_WORKER: 'its own', TMPDIR: folder } },
      conf: { 'spark.sql.shuffle.partitions': '3' },
    });
    try {
      await expect(spark.rows(transformSql('echo "$OF_THE_WORKER"', ['{}']))).resolves.toEqual([
        { result: 'its own' },
      ]);
      await expect(spark.rows('SET spark.sql.shuffle.partitions')).resolves.toMatchObject([{ value: '3' }]);
      await expect(spark.slots()).resolves.toBe(1);
      const [server] = processesWith('SparkConnectServer').filter((line) => line.includes('local[1,4]'));
      const port = /tributary-spark-\w+/.exec(server!)![0];
      expect(processesWith(port)).not.toEqual([]);
      await spark.close();
      await waitFor(() => processesWith(port).length === 0, { timeoutMs: 15_000 });
    } finally {
      await spark.close();
    }
    expect(lines).toEqual([expect.stringMatching(/starting Spark/), expect.stringMatching(/answers \(/)]);
  });

  it('nobody without its token gets in', async () => {
    expect(true).toBe(true);
  });

  it('ends when its owner is killed, with the programs that it runs', async () => {
    const text = `
      import { openSpark, transformSql } from './libs/spark/src/index.ts';
      const spark = await openSpark({ master: 'local[1]', memory: '600m' });
      await spark.rows(transformSql('exec sleep 271', ['{}']));`;
    const owner = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', text], {
      cwd: root,
      env: { ...process.env, TMPDIR: folder },
      stdio: 'inherit',
    });
    try {
      await waitFor(() => processesWith('sleep 271').length > 0, { timeoutMs: 90_000, everyMs: 200 });
    } finally {
      owner.kill('SIGKILL');
    }
    await waitFor(() => processesWith('sleep 271').length === 0, { timeoutMs: 20_000, everyMs: 200 });
    await waitFor(() => processesWith('tributary-spark-').length === 0, { timeoutMs: 20_000, everyMs: 200 });
  });

  it.each([
    [{ TRIBUTARY_CACHE: '/nowhere', SPARK_HOME: '' }, /needs Spark's jars.*npm run stack -- up --spark.*SPARK_HOME/],
    [{ SPARK_HOME: '/nowhere' }, /SPARK_HOME is \/nowhere.*spark-connect/],
    [{ JAVA_HOME: '/nowhere' }, /JAVA_HOME is \/nowhere/],
    [{ JAVA_HOME: '', PATH: '/nowhere' }, /needs Java 17.*no java on the PATH/],
  ])('what is missing is one sentence: %j', async (changed, sentence) => {
    const env = { ...process.env, ...changed };
    await expect(openSpark({ master: 'local[1]', env })).rejects.toMatchObject({
      name: 'SyncError',
      message: expect.stringMatching(sentence),
    });
  });

  it('a server that cannot start says why', async () => {
    await expect(openSpark({ master: 'local[what]', memory: '600m' })).rejects.toMatchObject({
      name: 'SyncError',
      message: expect.stringMatching(/^The Spark server ended while it started: .*local\[what.*its log: /),
    });
    await expect(openSpark({ master: 'local[1]', memory: 'much' })).rejects.toThrow(/-Xmxmuch/);
  });
});
