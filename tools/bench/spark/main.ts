import { loadavg } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import { Command, Option } from 'commander';
import { ensureBuilt } from '@tributary/dev-services';
import { installedSpark, mongoOption, wholeFrom } from '@tributary/dev-stack';
import { beginBench } from '../bench-run';
import type { BenchOptions } from '../options';
import { folder, freshServers, logFolders, servicesFolder } from '../servers';
import { buildServices, startServices } from '../services';
import { fillSource } from '../source';
import { StageWatch } from '../stages';
import { openMongo, openRedis } from '../targets';
import {
  liveDelays,
  loadByRelay,
  loadBySpark,
  loadDirectly,
  measured,
  verifyByNode,
  verifyBySpark,
  type Bench,
  type LiveResult,
  type StepResult,
} from './steps';

interface Options {
  readonly rows: number;
  readonly slots: string[];
  readonly mongo: BenchOptions['mongo'];
  readonly live: boolean;
  readonly beside: string[];
  readonly rates: string[];
  readonly steps: boolean;
}

const { rows, slots, mongo, live, beside, rates, steps } = new Command('nx run bench:spark --')
  .description(
    'Measures loads and verifications by Spark (tasks at a time, on this machine) beside those by one process, in one run, ' +
      'and the delay of live changes beside a load. Needs Java.',
  )
  .option('--rows <n>', 'rows of the table', wholeFrom(1000), 300_000)
  .option('--slots <n...>', 'tasks at a time', ['1', '2'])
  .addOption(
    new Option('--beside <loads...>', 'beside which loads the delay of live changes is measured')
      .choices(['relay', 'spark', 'none'])
      .default(['relay', 'spark']),
  )
  .option('--rates <n...>', 'and beside loads by Spark of so many rows a second', ['2000', '1000'])
  .option('--no-live', 'leave out the delay of live changes beside a load')
  .option('--no-steps', 'measure the delay of live changes only')
  .addOption(mongoOption())
  .parse()
  .opts<Options>();

const { say, stop, signal } = beginBench();

try {
  await stop();
  const servers = await freshServers(mongo, say);
  buildServices(say);
  ensureBuilt(['cli', 'bulk-worker']);
  await installedSpark(say);
  say(`Table of ${rows} rows`);
  await fillSource(servers.ADMIN_MYSQL_URL, rows, () => signal.throwIfAborted());
  const { MYSQL_URL, KAFKA_BROKERS, MONGODB_URI, REDIS_URL } = servers;
  const addresses = { MYSQL_URL, KAFKA_BROKERS, MONGODB_URI, REDIS_URL };
  const sync = { SYNC_CONFIG: join(folder, 'sync.yaml') };
  const services = await startServices(
    { folder: servicesFolder, env: { PATH: process.env['PATH'], ...addresses, ...sync } },
    () => undefined,
  );
  await StageWatch.fromZero(services).until(
    () => rows,
    () => undefined,
    signal,
  );
  const targets = [await openMongo(MONGODB_URI), await openRedis(REDIS_URL)];
  const env = { ...process.env, ...addresses, ...sync, SPARK_REMOTE: undefined };
  const bench: Bench = { rows, adminUrl: servers.ADMIN_MYSQL_URL, services, targets, env, signal };
  try {
    if (steps) {
      const table = new Table({
        head: ['', 'rows', 's', 'rows/s', 'CPU s of all/million'],
        style: { head: [], border: [] },
      });
      const step = async (name: string, work: () => Promise<void>) => {
        say(name);
        table.push(cells(await measured(name, rows, work)));
      };
      await step('load again, by the relay', () => loadByRelay(bench));
      for (const count of slots.map(Number))
        await step(`load again, Spark, ${count}`, () => loadBySpark(bench, count));
      for (const count of slots.map(Number))
        await step(`load again, Spark, ${count}, direct`, () => loadDirectly(bench, count));
      await step('verify, one process', () => verifyByNode(bench));
      for (const count of slots.map(Number))
        await step(`verify, Spark, ${count}`, () => verifyBySpark(bench, count));
      console.log(`load average ${loadavg()[0]!.toFixed(1)}\n${table.toString()}`);
    }
    if (live) {
      const firstId = 10 * rows;
      const results: LiveResult[] = [];
      const delays = async (name: string, work?: () => Promise<void>) => {
        say(name);
        results.push(await liveDelays(name, bench, firstId + results.length * rows, work));
      };
      await delays('lone changes');
      if (beside.includes('relay')) await delays('beside a load by the relay', () => loadByRelay(bench));
      if (beside.includes('spark')) await delays('beside a load by Spark, 1', () => loadBySpark(bench, 1));
      for (const rate of rates.map(Number))
        await delays(`beside a load by Spark, 1, ${rate} rows/s`, () => loadBySpark(bench, 1, rate));
      console.log(delayTable(results));
    }
  } finally {
    await Promise.all(targets.map((target) => target.close()));
  }
} catch (error) {
  say(`The benchmark failed: ${(error as Error).message} Logs: ${logFolders.join(', ')}`);
  process.exitCode = 1;
}
await stop();

function cells({ name, rows: count, seconds, cpuSeconds }: StepResult): string[] {
  const whole = (value: number) => Math.round(value).toLocaleString('en');
  return [name, whole(count), seconds.toFixed(1), whole(count / seconds), whole((cpuSeconds * 1e6) / count)];
}

function delayTable(results: readonly LiveResult[]): string {
  const table = new Table({
    head: ['', 'MongoDB: median, p99, ms', 'Redis: median, p99, ms'],
    style: { head: [], border: [] },
  });
  const text = ({ medianMs, p99Ms }: LiveResult['delays']['MongoDB']) =>
    `${medianMs.toFixed(1)}, ${p99Ms.toFixed(1)}`;
  for (const { name, delays } of results) table.push([name, text(delays.MongoDB), text(delays.Redis)]);
  return table.toString();
}
