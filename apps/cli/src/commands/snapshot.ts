import { InvalidArgumentError, Option, type Command } from 'commander';
import { fatal } from '@tributary/kernel';
import {
  controlSnapshots,
  everyServer,
  failedSnapshots,
  isUnderWay,
  snapshotActions,
  snapshotStatus,
  startSnapshots,
  type Needs,
  type SnapshotAction,
} from '@tributary/operations';
import { engineOptions, refuseSparkOptions, type EngineFlags } from '../engine/engine-options';
import { runCommand, type CommandContext } from '../run-command';
import { positiveWhole } from '../verify/options';
import { SnapshotBars } from '../snapshots/snapshot-bars';
import { showSnapshots } from '../snapshots/snapshot-table';

interface SnapshotOptions extends Partial<EngineFlags> {
  readonly table?: string;
  readonly where?: string;
  readonly priority?: number;
  readonly job?: string;
  readonly rangeRows?: number;
  readonly rate?: number;
  readonly via?: 'kafka' | 'direct';
  readonly watch?: boolean;
  readonly json?: boolean;
}

type Context = CommandContext<SnapshotOptions>;

const startHelp = `
Nothing is queued unless the server takes every table and the condition. Loads run beside live changes, up to three at
once, and give way when validator or sinks fall behind. Whatever dies, they go on at their last finished chunk.

With --engine spark workers of a Spark cluster load ranges of the tables side by side, through a topic that never delays
live changes (docs/spark.md). The command follows them to the end; after Ctrl-C, or whatever ended it, the same command
goes on with the ranges that are left.

Examples:
  tributary snapshot start --table github_data.users --where "followers > 100"
  tributary snapshot start --table "github_data.*" --priority 10
  tributary snapshot start --engine spark --remote sc://spark:15002
  tributary snapshot start --engine spark --rate 2000
`;

export function snapshotCommands(program: Command): void {
  const group = program
    .command('snapshot')
    .description('load whole tables into the targets, beside live changes');
  const starting = group
    .command('start')
    .description('queue a load of every table, or of one; the leading relay works on it')
    .option('--table <database.table>', 'this table only; * stands for any characters')
    .option('--where <sql>', 'only the rows for which this is true')
    .option(
      '--priority <n>',
      'loads of lower priority wait while one of higher is open (default: 0)',
      integer,
    );
  engineOptions(starting)
    .addOption(
      new Option(
        '--via <way>',
        'with spark: through Kafka, or straight into the targets (default: kafka)',
      ).choices(['kafka', 'direct']),
    )
    .option(
      '--range-rows <n>',
      'with spark: rows of a range (default: by the table and the cluster)',
      positiveWhole,
    )
    .option(
      '--rate <n>',
      'with spark: rows loaded a second at most, by all workers together (default: as fast as it goes)',
      positiveWhole,
    )
    .option('--json', 'print the jobs as JSON')
    .addHelpText('after', startHelp)
    .action(runCommand<SnapshotOptions>(startNeeds, start));
  group
    .command('status')
    .description(
      'show the loads and how far they are; exit 1 when one has failed and no later one mended that',
    )
    .option('--watch', 'follow the progress until no load is under way')
    .option('--table <database.table>', 'this table only; * stands for any characters')
    .option('--json', 'print the jobs as JSON; with --watch one line a second')
    .addHelpText('after', '\nExample:\n  tributary snapshot status --watch\n')
    .action(runCommand({ mysql: true }, status));
  for (const action of snapshotActions)
    group
      .command(action)
      .description(`${action} the loads that are under way, or those of a table, or one`)
      .option('--table <database.table>', 'the loads of this table only; * stands for any characters')
      .option('--job <id>', 'this load only, by its number in `snapshot status`', jobId)
      .option('--json', 'print the number as JSON')
      .addHelpText(
        'after',
        `\nExamples:\n  tributary snapshot ${action} --table github_data.users\n  tributary snapshot ${action} --job 7\n`,
      )
      .action(runCommand<SnapshotOptions>({ mysql: true }, (context) => control(context, action)));
}

/** The targets only where rows go straight there. */
const startNeeds = ({ engine, via }: SnapshotOptions): Needs =>
  engine !== 'spark' ? { mysql: true } : via === 'direct' ? everyServer() : { mysql: true, kafka: true };

async function start(context: Context): Promise<number | void> {
  const { operation, out, options } = context;
  if (options.engine === 'spark') {
    if (options.priority !== undefined)
      throw fatal('USAGE', '--priority orders the loads of the relay: leave it out with --engine spark.');
    // Loads what knows Spark only when it is asked for.
    return (await import('../snapshots/by-spark')).loadBySpark(context);
  }
  refuseSparkOptions(options);
  if ((options.rangeRows ?? options.rate ?? options.via) !== undefined)
    throw fatal('USAGE', '--range-rows, --rate and --via are for --engine spark: add it, or leave them out.');
  const started = await startSnapshots(operation, options);
  if (options.json) return out.json(started);
  for (const { table, id, state, created } of started)
    if (created) out.line(`${table}: load ${id} is queued`);
    else if (state !== 'paused') out.line(`${table}: load ${id} is under way already`);
    else out.line(`${table}: load ${id} is paused: go on with tributary snapshot resume --job ${id}`);
  out.note('Follow it with: tributary snapshot status --watch');
}

async function status({ operation, out, options }: Context): Promise<number> {
  const { table, watch, json } = options;
  const bars = new SnapshotBars((text) => out.note(text));
  const found = await snapshotStatus(operation, {
    table,
    onProgress: watch
      ? (jobs) => {
          const open = jobs.filter(isUnderWay);
          if (!json) bars.show(jobs, open);
          else if (open.length > 0) out.line(JSON.stringify(open));
        }
      : undefined,
  }).finally(() => bars.stop());
  if (json && !watch) out.json(found);
  else if (json) out.line(JSON.stringify(found));
  else if (found.length === 0) out.line('No table was ever loaded: run tributary snapshot start.');
  else showSnapshots(out, found);
  return failedSnapshots(found).length > 0 ? 1 : 0;
}

async function control({ operation, out, options }: Context, action: SnapshotAction): Promise<void> {
  const changed = await controlSnapshots(operation, action, options);
  if (options.json) return out.json({ action, jobs: changed });
  const done = { pause: 'paused', resume: 'resumed', cancel: 'cancelled' }[action];
  out.line(
    changed === 0 ? `No load could be ${done}: see tributary snapshot status.` : `${changed} load(s) ${done}`,
  );
}

function integer(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || Math.abs(value) > 2 ** 31 - 1)
    throw new InvalidArgumentError('It must be a whole number.');
  return value;
}

function jobId(text: string): string {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be the number of a load.');
  return text;
}
