import { InvalidArgumentError, type Command } from 'commander';
import { fatal, slowWait } from '@tributary/change-event';
import { quoteTable, tableHolders, type Connection, type TablePlan } from '@tributary/capture';
import { isMended, showLoads } from '../loads/load-table';
import { watchLoads } from '../loads/watch-loads';
import { withJobs } from '../loads/with-jobs';
import { runCommand, type CommandContext } from '../run-command';
import { chosenTables, matchesTable } from '../tables';

interface SnapshotOptions {
  readonly table?: string;
  readonly where?: string;
  readonly priority?: number;
  readonly job?: string;
  readonly watch?: boolean;
  readonly json?: boolean;
}

type Context = CommandContext<SnapshotOptions>;

const startHelp = `
Nothing is queued unless the server takes every table and the condition. Loads run beside live changes, up to three at
once, and give way when validator or sinks fall behind. Whatever dies, they go on at their last finished chunk.

Examples:
  tributary snapshot start --table github_data.users --where "followers > 100"
  tributary snapshot start --table "github_data.*" --priority 10
`;

export function snapshotCommands(program: Command): void {
  const group = program
    .command('snapshot')
    .description('load whole tables into the targets, beside live changes');
  group
    .command('start')
    .description('queue a load of every table, or of one; the leading relay works on it')
    .option('--table <database.table>', 'this table only; * stands for any characters')
    .option('--where <sql>', 'only the rows for which this is true')
    .option('--priority <n>', 'loads of lower priority wait while one of higher is open', integer, 0)
    .option('--json', 'print the jobs as JSON')
    .addHelpText('after', startHelp)
    .action(runCommand({ mysql: true }, start));
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
  for (const action of ['pause', 'resume', 'cancel'] as const)
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

async function start(context: Context): Promise<void> {
  const { servers, out, options } = context;
  const connection = await servers.mysql();
  const plans = await plansToLoad(connection, context);
  const tables = plans.map(({ schema }) => schema.table);
  await withJobs(context.servers, async (jobs) => {
    const asked = jobs.startAll(tables, options.where ?? null, options.priority ?? 0);
    const started = await slowWait(asked, async (seconds) => {
      const holders = await tableHolders(connection, tables.length === 1 ? tables[0]! : '.');
      out.note(`waiting for ${seconds} s for MySQL to explain the query, ${holders}`);
    });
    if (options.json) return out.json(started);
    for (const { table, id, state, created } of started)
      if (created) out.line(`${table}: load ${id} is queued`);
      else if (state !== 'paused') out.line(`${table}: load ${id} is under way already`);
      else out.line(`${table}: load ${id} is paused: go on with tributary snapshot resume --job ${id}`);
    out.note('Follow it with: tributary snapshot status --watch');
  });
}

/** A table that is not there is refused in the server's own words as well. */
async function plansToLoad(
  connection: Connection,
  { servers, out, options: { table } }: Context,
): Promise<readonly TablePlan[]> {
  try {
    const { plans } = await chosenTables(connection, servers.config, table, (note) => out.note(note));
    return plans;
  } catch (error) {
    if (!table?.includes('.') || table.includes('*')) throw error;
    const words = await connection.query(`SELECT 1 FROM ${quoteTable(table)} LIMIT 0`).then(
      () => null,
      (refusal: Error) => refusal.message.replace(/\.$/, ''),
    );
    if (words === null) throw error;
    throw fatal('SNAPSHOT', `${(error as Error).message} The server says: ${words}.`, error);
  }
}

async function status(context: Context): Promise<number> {
  const { out, options } = context;
  return withJobs(context.servers, async (jobs) => {
    const list = async () => (await jobs.list()).filter(({ table }) => matchesTable(options.table, table));
    if (options.watch)
      await watchLoads(
        list,
        (text) => out.note(text),
        options.json ? (now) => out.line(JSON.stringify(now)) : undefined,
      );
    const found = await list();
    if (options.json && !options.watch) out.json(found);
    else if (options.json) out.line(JSON.stringify(found));
    else if (found.length === 0) out.line('No table was ever loaded: run tributary snapshot start.');
    else showLoads(out, found);
    return found.some((job) => job.state === 'failed' && !isMended(job, found)) ? 1 : 0;
  });
}

async function control(context: Context, action: 'pause' | 'resume' | 'cancel'): Promise<void> {
  const { out, options } = context;
  await withJobs(context.servers, async (jobs) => {
    const known = (await jobs.list()).filter(
      ({ id, table }) =>
        matchesTable(options.table, table) && (options.job === undefined || id === options.job),
    );
    if (known.length === 0 && (options.table ?? options.job) !== undefined)
      throw fatal('SNAPSHOT', 'No load is of this table or number: see tributary snapshot status.');
    const ids = known.map(({ id }) => id);
    const changed = await jobs.control(action, ids);
    if (options.json) return out.json({ action, jobs: changed });
    const done = { pause: 'paused', resume: 'resumed', cancel: 'cancelled' }[action];
    out.line(
      changed === 0
        ? `No load could be ${done}: see tributary snapshot status.`
        : `${changed} load(s) ${done}`,
    );
  });
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
