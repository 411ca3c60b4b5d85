import { Command, InvalidArgumentError, Option } from 'commander';
import { ensureBuilt, runningRecords } from '@tributary/dev-services';
import { canMakeDisks, hasDisks, ensureStack, mongoOption, type MongoChoice } from '@tributary/dev-stack';
import { runCampaign } from './campaign';
import { folderOf, runFaults } from './run';
import { apps } from './schedule';

export interface FaultOptions {
  readonly minutes: number;
  readonly seed?: number;
  readonly seeds?: readonly number[];
  readonly atOnce: number;
  readonly json?: string;
  readonly mysql: 'mysql' | 'mariadb' | 'both';
  readonly mongo: MongoChoice;
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
  .option('--seeds <list>', 'several runs, like 1,2,3', (text: string) => text.split(',').map(number))
  .option('--at-once <n>', 'how many of these runs at once, each on a stack of its own', number, 1)
  .option('--json <file>', 'where to write the results of --seeds', '.tributary/faults/report.json')
  .addOption(
    new Option('--mysql <server>', 'source database; both: each seed on each')
      .choices(['mysql', 'mariadb', 'both'])
      .default('mysql'),
  )
  .addOption(mongoOption())
  .option('--stack <name>', 'name of the stack to use (of --at-once: what its name begins with)', 'faults')
  .parse()
  .opts<FaultOptions>();

ensureBuilt([...apps, 'cli']);
const seed = Math.floor(options.seed ?? Date.now() % 1_000_000);
if (options.seeds || options.mysql === 'both')
  process.exit(await runCampaign({ ...options, seeds: options.seeds ?? [seed] }));
process.exit(await runOne(seed, options.mysql));

async function runOne(seed: number, mysql: 'mysql' | 'mariadb'): Promise<number> {
  const { minutes, mongo, stack: name } = options;
  /** The services are processes that would outlive this one; none may stay behind, however it ends. */
  process.on('exit', () => {
    for (const record of runningRecords(folderOf(seed, mysql))) process.kill(record.pid, 'SIGKILL');
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

  const say = (line: string) => process.stdout.write(`${line}\n`);
  const addresses = await ensureStack({ name, mysql, mongo, disks: canMakeDisks() });
  if (!hasDisks(name))
    say(
      `full disks are left out: that needs Linux, root and a stack made for it (npm run stack -- reset --name ${name})`,
    );
  const { problems } = await runFaults({
    seed,
    durationMs: minutes * 60_000,
    addresses,
    stack: { name, source: mysql },
    pauseMs: [800, 3_500],
    deep: true,
    say,
  });
  return problems.length === 0 ? 0 : 1;
}
