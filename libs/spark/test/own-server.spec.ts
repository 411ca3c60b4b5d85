import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { long, sparkRemote, waitFor } from '@tributary/testing';
import { openSpark, transformSql, type SparkAddress } from '../src';

const root = join(__dirname, '../../..');
/** These servers live for seconds. */
const brief = { JAVA_TOOL_OPTIONS: '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC' };

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
    const address: SparkAddress = {
      ...{ master: 'local[1]', memory: '600m', say: (line) => lines.push(line) },
      env: { ...process.env, ...brief, OF_THE_WORKER: 'its own' },
      conf: {
        'spark.sql.shuffle.partitions': '3',
        // Two minutes by default: it then ends the stream of answers, and the client has to ask for the others.
        'spark.connect.execute.reattachable.senderMaxStreamDuration': '500ms',
      },
    };
    const spark = await openSpark(address);
    try {
      await expect(spark.rows(transformSql('echo "$OF_THE_WORKER"', ['{}']))).resolves.toEqual([
        { result: 'its own' },
      ]);
      const niceness = Math.min(getPriority() + 10, 19);
      await expect(spark.rows(transformSql('nice', ['{}']))).resolves.toEqual([{ result: String(niceness) }]);
      await expect(spark.rows('SET spark.sql.shuffle.partitions')).resolves.toMatchObject([{ value: '3' }]);
      await expect(spark.slots()).resolves.toBe(1);
      await expect(spark.rows(transformSql('sleep 2; cat', ['{"slow":1}']))).resolves.toEqual([
        { result: '{"slow":1}' },
      ]);
      const [server = ''] = processesWith('SparkConnectServer').filter((line) => line.includes('local[1,4]'));
      const [file = '', mark = ''] = /\/\S+\/(tributary-spark-\w+)\/spark\.properties/.exec(server) ?? [];
      expect(server).not.toContain('token');
      // Whoever may run statements may run programs: nobody without its token gets in.
      expect(statSync(file).mode & 0o077).toBe(0);
      const port = /binding\.port=(\d+)/.exec(readFileSync(file, 'utf8'))![1]!;
      await expect(openSpark({ remote: `sc://127.0.0.1:${port}/;token=guessed` })).rejects.toMatchObject({
        ...{ name: 'SyncError', code: 'SPARK_LOGIN' },
        message: expect.not.stringContaining('guessed'),
      });
      await spark.close();
      await waitFor(() => processesWith(mark).length === 0, { timeoutMs: 15_000 });
    } finally {
      await spark.close();
    }
    expect(lines).toEqual([expect.stringMatching(/starting Spark/), expect.stringMatching(/answers \(/)]);
  });

  (long ? it : it.skip)('ends when its owner is killed, with the programs that it runs', async () => {
    const text = `
      import { openSpark, transformSql } from './libs/spark/src/index.ts';
      const spark = await openSpark({ master: 'local[1]', memory: '600m' });
      await spark.rows(transformSql('exec sleep 271', ['{}']));`;
    const sleeping = () => processesWith('sleep 271').filter((line) => line.endsWith(' sleep 271'));
    const owner = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', text], {
      cwd: root,
      env: { ...process.env, ...brief, TMPDIR: folder },
      stdio: 'inherit',
    });
    try {
      await waitFor(() => sleeping().length > 0, { timeoutMs: 90_000, everyMs: 200 });
    } finally {
      owner.kill('SIGKILL');
    }
    await waitFor(() => sleeping().length === 0, { timeoutMs: 20_000, everyMs: 200 });
    await waitFor(() => processesWith(folder).length === 0, { timeoutMs: 20_000, everyMs: 200 });
    expect(readdirSync(folder).filter((name) => /spark|tributary/.test(name))).toEqual([]);
  });

  it.each([
    [
      { TRIBUTARY_CACHE: '/nowhere', SPARK_HOME: '' },
      /needs Spark's jars.*npm run stack -- up --spark.*SPARK_HOME/,
    ],
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

  it('a server that cannot start says why, and leaves its log', async () => {
    // Where this test clears up.
    const env = { ...process.env, ...brief, TMPDIR: folder };
    await expect(openSpark({ master: 'nonsense', memory: '600m', env })).rejects.toMatchObject({
      name: 'SyncError',
      message: expect.stringMatching(
        /^The Spark server ended while it started: Master must [^\n]*\(its log: /,
      ),
    });
    await expect(openSpark({ master: 'local[1]', memory: 'much' })).rejects.toThrow(/must look like 2g/);
  });
});
