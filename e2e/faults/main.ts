import { Command, InvalidArgumentError, Option } from 'commander';
import { ensureBuilt } from '../../tools/build/ensure-built.mjs';
import { ensureStack, type MysqlChoice } from '../../tools/stack/index';
import { runningRecords } from '../../tools/services/service-record';
import { folderOf, runFaults } from './run';
import { apps } from './schedule';

interface Options {
  readonly minutes: number;
  readonly seed?: number;
  readonly mysql: Exclude<MysqlChoice, 'both'>;
  readonly stack: string;
}

const number = (text: string) => {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('must be a number above 0.');
  return value;
};

const options = new Command('nx run e2e:faults --')
  .description(
    'Runs a seeded workload under seeded faults on servers of its own, then compares source and targets',
  )
  .option('--minutes <n>', 'how long faults are injected', number, 20)
  .option('--seed <n>', 'reproduces schedule and statements; default: by the clock', number)
  .addOption(new Option('--mysql <server>', 'source database').choices(['mysql', 'mariadb']).default('mysql'))
  .option('--stack <name>', 'name of the stack to use', 'faults')
  .parse()
  .opts<Options>();

const { minutes, mysql, stack: name } = options;
const seed = Math.floor(options.seed ?? Date.now() % 1_000_000);

/** The services are processes that would outlive this one; none may stay behind, however it ends. */
process.on('exit', () => {
  for (const record of runningRecords(folderOf(seed))) process.kill(record.pid, 'SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

const say = (line: string) => process.stdout.write(`${line}\n`);
ensureBuilt([...apps, 'cli']);
const addresses = await ensureStack({ name, mysql });
const { problems } = await runFaults({
  seed,
  durationMs: minutes * 60_000,
  addresses,
  stack: { name, source: mysql },
  pauseMs: [800, 3_500],
  say,
});
process.exit(problems.length === 0 ? 0 : 1);
