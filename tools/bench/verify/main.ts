import { loadavg } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import { Command } from 'commander';
import Redis from 'ioredis';
import { ensureBuilt } from '@tributary/dev-services';
import { mongoOption, wholeFrom } from '@tributary/dev-stack';
import { measureFloors } from '../floors';
import { beginBench } from '../bench-run';
import type { BenchOptions } from '../options';
import { folder, freshServers, logFolders, servicesFolder } from '../servers';
import { buildServices, startServices, stopServices } from '../services';
import { DATABASE, fillSource, TABLE } from '../source';
import { StageWatch } from '../stages';
import { peakMemoryMb } from '../usage';
import { runCli, type CliRun } from './cli-run';

interface Options {
  readonly rows: number;
  readonly damaged: number;
  readonly mongo: BenchOptions['mongo'];
}

const { rows, damaged, mongo } = new Command('nx run bench:verify --')
  .description(
    'Measures load, verify and repair of one table against plain driver loops on the same servers.',
  )
  .option('--rows <n>', 'rows of the table', wholeFrom(1000), 500_000)
  .option('--damaged <n>', 'rows removed from Redis, then repaired', wholeFrom(1), 5_000)
  .addOption(mongoOption())
  .parse()
  .opts<Options>();

const { say, stop, signal } = beginBench();

try {
  await stop();
  const servers = await freshServers(mongo, say);
  buildServices(say);
  ensureBuilt(['cli']);
  say(`Table of ${rows} rows`);
  await fillSource(servers.ADMIN_MYSQL_URL, rows, () => signal.throwIfAborted());
  const { MYSQL_URL, KAFKA_BROKERS, MONGODB_URI, REDIS_URL } = servers;
  const env = {
    ...{ PATH: process.env['PATH'], MYSQL_URL, KAFKA_BROKERS, MONGODB_URI, REDIS_URL },
    SYNC_CONFIG: join(folder, 'sync.yaml'),
  };
  say('Load');
  let loading = 0;
  const services = await startServices({ folder: servicesFolder, env }, () => (loading = performance.now()));
  await StageWatch.fromZero(services).until(
    () => rows,
    () => undefined,
    signal,
  );
  const loadSeconds = (performance.now() - loading) / 1000;

  const table = new Table({
    head: ['', 'rows', 's', 'rows/s', 'CPU s/million', 'peak RSS MB'],
    style: { head: [], border: [] },
  });
  const whole = (value: number) => Math.round(value).toLocaleString('en');
  /** Of the service that has held the most since it was started. */
  const servicesPeak = () => whole(Math.max(...Object.values(services).map(({ pid }) => peakMemoryMb(pid))));
  const load = [whole(rows), loadSeconds.toFixed(1), whole(rows / loadSeconds), '', servicesPeak()];
  table.push(['load (all services)', ...load]);
  const measured = async (
    name: string,
    count: number,
    expected: number,
    ...args: string[]
  ): Promise<CliRun> => {
    say(name);
    signal.throwIfAborted();
    const run = await runCli(['verify', '--json', ...args], env);
    if (run.exitCode !== expected)
      throw new Error(`${name} ended with ${run.exitCode}: ${run.output.slice(0, 500)}`);
    const { seconds, cpuSeconds, peakMb } = run;
    const cells = [
      whole(count),
      seconds.toFixed(1),
      whole(count / seconds),
      ((cpuSeconds * 1e6) / count).toFixed(1),
    ];
    table.push([name, ...cells, whole(peakMb)]);
    return run;
  };
  await measured('verify both', rows, 0);
  await measured('verify MongoDB', rows, 0, '--target', 'mongo');
  const redisOnly = await measured('verify Redis', rows, 0, '--target', 'redis');
  const step = Math.max(1, Math.floor(rows / damaged));
  const redis = new Redis(REDIS_URL);
  const lost = Array.from(
    { length: Math.min(damaged, rows) },
    (_, at) => `${DATABASE}:orders:${1 + at * step}`,
  );
  await redis.unlink(lost);
  redis.disconnect();
  const repair = await measured(
    ...(['verify Redis, with repair', rows, 0] as const),
    ...['--target', 'redis', '--repair', '--repair-rate', '1000000'],
  );
  const repairSeconds = Math.max(0.1, repair.seconds - redisOnly.seconds);
  table.push([
    'repair alone (difference of the two)',
    ...[whole(lost.length), repairSeconds.toFixed(1), whole(lost.length / repairSeconds), '', ''],
  ]);
  table.push(['services, to the end', '', '', '', '', servicesPeak()]);
  await stopServices(servicesFolder);
  say('Floors');
  const floors = await measureFloors({ servers, rows, topic: `${DATABASE}.changes`, say });
  for (const [name, { perSecond, cpuPerMillion }] of Object.entries(floors))
    table.push([`floor: ${name}`, '', '', whole(perSecond), cpuPerMillion.toFixed(1), '']);
  console.log(`${TABLE}, load average ${loadavg()[0]!.toFixed(1)}\n${table.toString()}`);
} catch (error) {
  say(`The benchmark failed: ${(error as Error).message} Logs: ${logFolders.join(', ')}`);
  process.exitCode = 1;
}
await stop();
