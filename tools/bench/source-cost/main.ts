import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { ensureBuilt, startService, stopService } from '@tributary/dev-services';
import { wholeFrom, ensureStack, resetStack, repositoryRoot } from '@tributary/dev-stack';
import { dropTables, syncFile } from './capture';
import { measurePairs, modes, untilQuiet, type BesideRelay, type Mode } from './pairs';
import { measureParts } from './parts';
import { report, type SourceResult } from './report';
import { sourceOf, type Source, type SourceServer } from './server';

const OWN_STACK = 'bench-source';
const options = new Command('nx run bench:source --')
  .description(
    'Measures what capture costs the source: writes like those of sysbench oltp_write_only (a loop of its own, not ' +
      'sysbench) without capture, with triggers, and with triggers and relay; and what each part of a trigger costs.',
  )
  .addOption(
    new Option('--mysql <server>', 'which source').choices(['mysql', 'mariadb', 'both']).default('both'),
  )
  .option('--name <stack>', 'a stack that exists, which is left as it is (default: one of its own)')
  .option('--rows <n>', 'rows of each table', wholeFrom(1000), 20_000)
  .option('--connections <n>', 'connections that write', wholeFrom(1), 4)
  .option('--seconds <n>', 'seconds of each run', wholeFrom(1), 5)
  .option('--rounds <n>', 'how often all modes come in turn', wholeFrom(1), 3)
  .option('--part-rounds <n>', 'how often each part of a trigger is measured', wholeFrom(1), 8)
  .addOption(new Option('--modes <modes...>', 'what to compare').choices(modes).default([...modes]))
  .option('--no-parts', 'leave the parts of a trigger out')
  .option('--json', 'print the figures as JSON on standard output', false)
  .parse()
  .opts<{
    mysql: SourceServer | 'both';
    name?: string;
    rows: number;
    connections: number;
    seconds: number;
    rounds: number;
    partRounds: number;
    modes: Mode[];
    parts: boolean;
    json: boolean;
  }>();
/** Rows of a statement, and statements of a row, in the measurement of parts. */
const PART_ROWS = 300;

const begun = performance.now();
const say = (line: string) =>
  void process.stderr.write(`${((performance.now() - begun) / 1000).toFixed(1).padStart(7)} s  ${line}\n`);
const folder = join(repositoryRoot, '.tributary/bench-source');
const stack = options.name ?? OWN_STACK;

const besideRelay =
  (source: Source, brokers: string): BesideRelay =>
  async (work) => {
    const sync = join(folder, 'sync.yaml');
    writeFileSync(sync, syncFile);
    const relay = await startService('trigger-relay', {
      folder,
      env: {
        PATH: process.env['PATH'],
        MYSQL_URL: source.relayUrl,
        KAFKA_BROKERS: brokers,
        SYNC_CONFIG: sync,
      },
    });
    try {
      await untilQuiet(source);
      await work();
    } finally {
      await stopService(relay);
    }
  };

try {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const env = await ensureStack({ name: stack, mysql: options.mysql, say });
  if (options.modes.includes('relay')) ensureBuilt(['trigger-relay']);
  const results: SourceResult[] = [];
  for (const server of options.mysql === 'both' ? (['mysql', 'mariadb'] as const) : [options.mysql]) {
    const source = sourceOf(env, stack, server);
    const load = loadavg()[0]!;
    say(`${server} ${source.version}: pairs`);
    const pairs = await measurePairs(source, options, besideRelay(source, env.KAFKA_BROKERS), say);
    if (options.parts) say(`${server} ${source.version}: parts`);
    const parts = options.parts ? await measureParts(source, PART_ROWS, options.partRounds) : undefined;
    await dropTables(source);
    results.push({
      server,
      version: source.version,
      load: [load, loadavg()[0]!],
      pairs,
      ...(parts && { parts }),
    });
  }
  console.log(options.json ? JSON.stringify(results, null, 2) : results.map(report).join('\n'));
} catch (error) {
  say(`The benchmark failed: ${(error as Error).message} Logs: ${folder}`);
  if (process.env['LOG_LEVEL'] === 'debug') console.error(error);
  process.exitCode = 1;
}
if (options.name === undefined) await resetStack(stack, () => undefined);
