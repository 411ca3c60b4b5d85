import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { long, waitFor } from '@tributary/testing';
import { openSpark, transformSql } from '@tributary/spark';
import { SparkCluster } from '../src';

/** Six starts of Java; e2e/spark-cluster.spec.ts, which needs it, is of the long form as well. */
const inLongRuns = long ? describe : describe.skip;

inLongRuns('a standalone cluster of Spark', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-cluster-test-'));
  let cluster: SparkCluster;

  beforeAll(async () => {
    cluster = await SparkCluster.start({ env: { ...process.env, OF_EXECUTORS: 'their own' } });
  });
  afterAll(async () => {
    await cluster?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('runs programs on two executors, and again elsewhere when one is killed', async () => {
    const spark = await openSpark({ remote: cluster.remote });
    try {
      await waitFor(() => cluster.executors().length === 2, { timeoutMs: 60_000 });
      const seen = join(folder, 'parents');
      const command = `mkdir -p ${seen}; touch ${seen}/$PPID; sleep 4; echo "$(cat) $OF_EXECUTORS"`;
      const tasks = ['{"n":1}', '{"n":2}'];
      const running = spark.rows(transformSql(command, tasks));
      running.catch(() => undefined);
      await waitFor(() => existsSync(seen) && readdirSync(seen).length === 2, { timeoutMs: 60_000 });
      const [victim] = cluster.executors();
      process.kill(victim!, 'SIGKILL');
      await expect(running).resolves.toEqual(tasks.map((task) => ({ result: `${task} their own` })));
      await waitFor(() => cluster.executors().filter((pid) => pid !== victim).length === 2, {
        timeoutMs: 60_000,
      });
    } finally {
      await spark.close();
    }
  });

  it('a server that is killed loses its sessions, and says so in one sentence', async () => {
    const spark = await openSpark({ remote: cluster.remote });
    try {
      const running = spark.rows(transformSql('sleep 20; cat', ['{}']));
      running.catch(() => undefined);
      await cluster.kill('connect');
      await cluster.startConnect();
      await expect(running).rejects.toMatchObject({ code: 'SPARK_SESSION_LOST', kind: 'retry' });
      await expect(spark.rows('SELECT 1')).rejects.toMatchObject({ code: 'SPARK_SESSION_LOST' });
    } finally {
      await spark.close();
    }
    const next = await openSpark({ remote: cluster.remote });
    await expect(next.rows('SELECT 1 AS one')).resolves.toEqual([{ one: 1 }]);
    await next.close();
  });
});
