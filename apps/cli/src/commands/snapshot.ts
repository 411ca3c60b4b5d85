import { setTimeout as sleep } from 'node:timers/promises';
import { InvalidArgumentError, type Command } from 'commander';
import { fatal, slowWait } from '@tributary/change-event';
import {
  mysqlError,
  mysqlSource,
  quoteTable,
  tableHolders,
  type Connection,
  type TablePlan,
} from '@tributary/capture';
import { captureDataSource } from '@tributary/entities';
import { SnapshotJobs, type SnapshotProgress } from '@tributary/snapshot';
import { count, duration, percent } from '../output/format';
import { Progress } from '../output/progress';
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

const WATCH_MS = 1_000;

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
  await withJobs(context, async (jobs) => {
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
  return withJobs(context, async (jobs) => {
    const list = async () => (await jobs.list()).filter(({ table }) => matchesTable(options.table, table));
    if (options.watch)
      await watch(
        list,
        (text) => out.note(text),
        options.json ? (now) => out.line(JSON.stringify(now)) : undefined,
      );
    const found = await list();
    if (options.json && !options.watch) out.json(found);
    else if (options.json) out.line(JSON.stringify(found));
    else if (found.length === 0) out.line('No table was ever loaded: run tributary snapshot start.');
    else showJobs(out, found);
    return found.some((job) => job.state === 'failed' && !isMended(job, found)) ? 1 : 0;
  });
}

/** Whether a later load has brought what a failed one did not. */
const isMended = (failed: SnapshotProgress, jobs: readonly SnapshotProgress[]) =>
  jobs.some(
    ({ id, table, where, state }) =>
      state === 'done' &&
      BigInt(id) > BigInt(failed.id) &&
      table === failed.table &&
      (where === null || where === failed.where),
  );

const underWay = ({ state }: SnapshotProgress) => state === 'queued' || state === 'running';

/** Until no load is under way; `show` instead of bars or lines. */
async function watch(
  list: () => Promise<SnapshotProgress[]>,
  note: (text: string) => void,
  show?: (open: readonly SnapshotProgress[]) => void,
): Promise<void> {
  const bars = new LoadBars(note);
  try {
    for (;;) {
      const jobs = await list();
      const open = jobs.filter(underWay);
      if (open.length > 0 && show) show(open);
      else if (!show) bars.show(jobs, open);
      if (open.length === 0) return;
      await sleep(WATCH_MS);
    }
  } finally {
    bars.stop();
  }
}

/** A bar, or now and then a line, for each load that was seen under way. */
class LoadBars {
  readonly #progress = new Progress('rows');
  readonly #seen = new Set<string>();
  readonly #waits = new Set<string>();

  constructor(private readonly note: (text: string) => void) {}

  show(jobs: readonly SnapshotProgress[], open: readonly SnapshotProgress[]): void {
    for (const job of open) this.#seen.add(job.id);
    for (const job of jobs.filter(({ id }) => this.#seen.has(id))) {
      this.#say(job);
      const name = `${job.table} (load ${job.id})`;
      this.#progress.update(name, job.rowsDone, job.rowsTotal);
      if (underWay(job)) continue;
      this.#seen.delete(job.id);
      if (job.state === 'done') this.#progress.finish(name);
    }
  }

  /** What a load waits for, once for each wait. */
  #say({ id, table, waitsFor, waitsSince }: SnapshotProgress): void {
    if (!waitsFor) return void this.#waits.delete(id);
    if (this.#waits.has(id)) return;
    this.#waits.add(id);
    this.note(`load ${id} of ${table} waits since ${waitsSince} for ${waitsFor}`);
  }

  stop(): void {
    this.#progress.stop();
  }
}

function showJobs(out: Context['out'], jobs: readonly SnapshotProgress[]): void {
  out.table<SnapshotProgress>(
    [
      { head: 'load', value: ({ id }) => id, right: true },
      { head: 'table', value: ({ table }) => table },
      { head: 'state', value: ({ state }) => state },
      { head: 'rows', value: ({ rowsDone }) => count(rowsDone), right: true },
      {
        head: 'of',
        value: ({ rowsTotal, totalIsExact }) => `${totalIsExact ? '' : '~'}${count(rowsTotal)}`,
        right: true,
      },
      {
        head: 'done',
        value: ({ state, rowsDone, rowsTotal }) => percent(rowsDone, rowsTotal, state === 'done'),
        right: true,
      },
      {
        head: 'rows/s',
        value: ({ rowsPerSecond }) => count(rowsPerSecond),
        right: true,
      },
      { head: 'left', value: ({ secondsLeft }) => duration(secondsLeft), right: true },
      { head: 'time', value: (job) => duration(seconds(job)), right: true },
      { head: 'priority', value: ({ priority }) => priority, right: true },
      { head: 'where', value: ({ where }) => where ?? '-' },
      { head: 'error', value: ({ error }) => error ?? '-' },
    ],
    jobs,
  );
  for (const { id, table, waitsFor, waitsSince } of jobs)
    if (waitsFor) out.line(`load ${id} of ${table} waits since ${waitsSince} for ${waitsFor}`);
}

function seconds({ startedAt, finishedAt }: SnapshotProgress): number | null {
  if (!startedAt) return null;
  const end = finishedAt ? Date.parse(finishedAt) : Date.now();
  return (end - Date.parse(startedAt)) / 1000;
}

async function control(context: Context, action: 'pause' | 'resume' | 'cancel'): Promise<void> {
  const { out, options } = context;
  await withJobs(context, async (jobs) => {
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

/** ER_BAD_DB_ERROR, ER_NO_SUCH_TABLE, ER_DBACCESS_DENIED_ERROR: there is no capture schema. */
const notInstalled = new Set([1049, 1146, 1044]);
/** ER_BAD_FIELD_ERROR */
const UNKNOWN_COLUMN = 1054;

async function withJobs<T>({ servers }: Context, work: (jobs: SnapshotJobs) => Promise<T>): Promise<T> {
  const { mysqlUrl, config } = servers.env;
  // Says what is wrong with the address or the account in one sentence, which TypeORM does not.
  await servers.mysql();
  const source = captureDataSource(mysqlUrl, config.captureSchema, mysqlSource(mysqlUrl));
  try {
    await source.initialize();
    return await work(new SnapshotJobs(source));
  } catch (error) {
    if (notInstalled.has((error as { errno?: number }).errno ?? 0))
      throw fatal(
        'SNAPSHOT',
        `The capture schema ${config.captureSchema} is not there: run tributary capture install first.`,
        error,
      );
    if ((error as { errno?: number }).errno === UNKNOWN_COLUMN)
      throw fatal(
        'SNAPSHOT',
        `The capture schema ${config.captureSchema} is of an older version: run tributary capture install first.`,
        error,
      );
    throw mysqlError(error);
  } finally {
    if (source.isInitialized) await source.destroy();
  }
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
