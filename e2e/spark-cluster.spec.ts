import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMysql, type Connection } from '@tributary/capture';
import { SparkCluster } from '@tributary/dev-stack';
import { pause } from '@tributary/kernel';
import { SeededRandom, sparkRemote, stackEnv, waitFor } from '@tributary/testing';
import type { RowDataPacket } from 'mysql2/promise';
import { bulkWorkers, type BulkWorker } from './spark/bulk-workers';
import { emptyTargets, startLoaded } from './spark/loaded-tables';
import { Traffic } from './spark/traffic';
import { describeLong } from './support/flavours';
import { OwnMysql } from './support/own-mysql';
import { Pipeline } from './support/pipeline';

jest.setTimeout(600_000);

const ROWS = 20_000;

/** A slow task is tried a second time beside the first, as soon as half of the others have ended. */
const speculation = {
  'spark.speculation': 'true',
  'spark.speculation.interval': '500ms',
  'spark.speculation.quantile': '0.3',
  'spark.speculation.multiplier': '1.1',
};

describeLong('R3 to R6: a load on a cluster whose parts die', () => {
  const folder = mkdtempSync(join(tmpdir(), 'spark-cluster-'));
  let source: OwnMysql;
  let pipeline: Pipeline;
  const random = new SeededRandom(20261130);
  let cluster: SparkCluster;
  let watch: Connection;

  beforeAll(async () => {
    source = await OwnMysql.start(folder);
    pipeline = new Pipeline({
      servers: { ...stackEnv(), ADMIN_MYSQL_URL: source.url, MYSQL_URL: await source.relayUrl() },
    });
    [cluster] = await Promise.all([SparkCluster.start({ conf: speculation }), startLoaded(pipeline, ROWS)]);
    pipeline.setEnv({ SPARK_REMOTE: cluster.remote });
    watch = await openMysql(source.url);
  });
  afterAll(async () => {
    watch?.destroy();
    await pipeline?.stop();
    await cluster?.stop();
    await source?.remove();
  });

  const spawnLoad = (rangeRows: number) =>
    pipeline.spawnCli(
      ...['snapshot', 'start', '--engine', 'spark', '--json', '--range-rows', String(rangeRows)],
    );

  it('executors and the Connect server killed beside live changes, with speculation: all ends equal', async () => {
    await emptyTargets(pipeline);
    const traffic = new Traffic(pipeline.adminUrl, pipeline.database, random, ROWS);
    await traffic.start();
    const killed = { executors: 0, servers: 0 };
    try {
      const command = spawnLoad(1_000);
      const ended = untilEnd(command);
      await waitFor(async () => (await bulkWorkers(pipeline.syncFile)).length > 0, { timeoutMs: 120_000 });
      while (!ended.is()) {
        await pause(random.integer(500, 3_000));
        const victims = cluster.executors();
        if (killed.executors < 3 && victims.length > 0 && random.chance(0.5)) {
          process.kill(victims[random.integer(0, victims.length - 1)]!, 'SIGKILL');
          killed.executors += 1;
        } else if (killed.servers < 1) {
          await cluster.kill('connect');
          killed.servers += 1;
          await cluster.startConnect();
        }
      }
      expect(await ended.code).toBe(0);
    } finally {
      await traffic.stop();
    }
    expect(killed.executors).toBeGreaterThan(0);
    expect(killed.servers).toBe(1);
    expect(traffic.counts.committed).toBeGreaterThan(100);
    await pipeline.untilEqual(180_000);
  });

  it('MySQL is stopped amid a load: command and workers wait for it, and no finished range is read again', async () => {
    await emptyTargets(pipeline);
    const command = spawnLoad(500);
    const ended = untilEnd(command);
    let said = '';
    command.stderr!.on('data', (data: Buffer) => (said += data.toString()));
    let printed = '';
    command.stdout!.on('data', (data: Buffer) => (printed += data.toString()));
    await waitFor(async () => (await ranges("state = 'done'")) >= 3, { timeoutMs: 120_000, everyMs: 50 });
    watch.destroy();
    pipeline.admin.destroy();
    await source.stop();
    await pause(8_000);
    await source.start();
    [watch] = await Promise.all([openMysql(source.url), pipeline.connect()]);
    expect(await ended.code).toBe(0);
    expect(said).toMatch(/Trying again in \d+ s: .*MySQL/);
    const results = JSON.parse(printed) as { table: string; state: string; rangesBefore: number }[];
    expect(results.map(({ state }) => state)).toEqual(['done', 'done']);
    expect(Math.max(...results.map(({ rangesBefore }) => rangesBefore))).toBeGreaterThan(0);
    await pipeline.untilEqual();
  });

  it('without speculation: when only a frozen worker is left its range is given out anew', async () => {
    pipeline.setEnv({ SPARK_REMOTE: await sparkRemote() });
    try {
      const { frozen, ended } = await frozenLoad();
      let said = '';
      ended.command.stderr!.on('data', (data: Buffer) => (said += data.toString()));
      expect(await ended.code).toBe(0);
      expect(said).toMatch(/Workers hang, and no other is at work/);
      frozen.kill('SIGCONT');
      await waitFor(() => !isThere(frozen), { timeoutMs: 60_000 });
      await pipeline.untilEqual();
    } finally {
      pipeline.setEnv({ SPARK_REMOTE: cluster.remote });
    }
  });

  it('a worker that was frozen and comes back after the end of the load brings nothing back', async () => {
    const { frozen, ended } = await frozenLoad();
    expect(await ended.code).toBe(0);
    expect(isThere(frozen)).toBe(true);
    // Rows that it has read, and that are gone when it comes back; last, since the other cases need rows.
    await pipeline.admin.query(`DELETE FROM \`${pipeline.database}\`.wide`);
    await pipeline.admin.query(`DELETE FROM \`${pipeline.database}\`.pairs`);
    await pipeline.untilEqual();
    frozen.kill('SIGCONT');
    await waitFor(() => !isThere(frozen), { timeoutMs: 60_000 });
    await pause(3_000);
    await pipeline.untilEqual();
    expect(await pipeline.collection('wide').countDocuments()).toBe(0);
  });

  /** A load of which the last worker is frozen, so that the range is its own; another one where it was too quick for that. */
  async function frozenLoad() {
    for (;;) {
      await emptyTargets(pipeline);
      const ended = untilEnd(spawnLoad(ROWS));
      const frozen = await frozenWorker(ended.is);
      if (frozen) return { frozen, ended };
    }
  }

  /** Freezes a worker amid a range, as a machine does that hangs. */
  async function frozenWorker(isOver: () => boolean): Promise<BulkWorker | undefined> {
    const isHeld = async () => (await ranges("worker IS NOT NULL AND state = 'open'")) === 1;
    while (!isOver()) {
      const [worker, ...others] = (await isHeld()) ? await bulkWorkers(pipeline.syncFile) : [];
      if (!worker || others.length > 0) continue;
      worker.kill('SIGSTOP');
      if (await isHeld()) return worker;
      worker.kill('SIGCONT');
    }
    return undefined;
  }

  async function ranges(where: string): Promise<number> {
    const [rows] = await watch.query<RowDataPacket[]>(
      `SELECT COUNT(*) AS n FROM \`${pipeline.captureSchema}\`.bulk_range WHERE ${where}`,
    );
    return Number(rows[0]!['n']);
  }

  /** Its variables, by which others are found, are gone with the command. */
  const isThere = ({ pid }: BulkWorker) => existsSync(`/proc/${pid}`);
});

function untilEnd(command: ChildProcess) {
  let over = false;
  const code = new Promise<number | null>((resolve) => command.once('close', resolve));
  void code.then(() => (over = true));
  return { command, code, is: () => over };
}
