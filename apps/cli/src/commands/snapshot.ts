import { setTimeout as sleep } from 'node:timers/promises';
import { InvalidArgumentError, type Command } from 'commander';
import { fatal } from '@tributary/change-event';
import { mysqlError, mysqlOptions } from '@tributary/capture';
import { captureDataSource } from '@tributary/entities';
import { SnapshotJobs, type SnapshotProgress } from '@tributary/snapshot';
import { count, duration, percent } from '../output/format';
import { Progress } from '../output/progress';
import { runCommand, type CommandContext } from '../run-command';
import { chosenPlans, matchesTable } from '../tables';

interface SnapshotOptions {
  readonly table?: string;
  readonly where?: string;
  readonly priority?: number;
  readonly watch?: boolean;
  readonly json?: boolean;
}

type Context = CommandContext<SnapshotOptions>;

const WATCH_MS = 1_000;

export function snapshotCommands(program: Command): void {
  const group = program
    .command('snapshot')
    .description('load whole tables into the targets, beside live changes');
  group
    .command('start')
    .description('queue a load of every table, or of one; the leading relay works on it')
    .option('--table <database.table>', 'this table only; * stands for any characters')
    .option('--where <sql>', 'only the rows for which this is true')
    .option('--priority <n>', 'higher goes first', integer, 0)
    .option('--json', 'print the jobs as JSON')
    .addHelpText(
      'after',
      `\nExample:\n  tributary snapshot start --table github_data.users --where "followers > 100"\n`,
    )
    .action(runCommand({ mysql: true }, start));
  group
    .command('status')
    .description('show the loads and how far they are')
    .option('--watch', 'follow the progress until no load is under way')
    .option('--table <database.table>', 'this table only; * stands for any characters')
    .option('--json', 'print the jobs as JSON')
    .addHelpText('after', '\nExample:\n  tributary snapshot status --watch\n')
    .action(runCommand({ mysql: true }, status));
  for (const action of ['pause', 'resume', 'cancel'] as const)
    group
      .command(action)
      .description(`${action} the loads that are under way, or those of one table`)
      .option('--table <database.table>', 'the loads of this table only')
      .option('--json', 'print the number as JSON')
      .addHelpText('after', `\nExample:\n  tributary snapshot ${action} --table github_data.users\n`)
      .action(runCommand<SnapshotOptions>({ mysql: true }, (context) => control(context, action)));
}

async function start(context: Context): Promise<void> {
  const { servers, out, options } = context;
  const connection = await servers.mysql();
  const plans = await chosenPlans(connection, servers.config, options.table);
  for (const { schema } of options.where === undefined ? [] : plans)
    await checkWhere(connection, schema.table, options.where!);
  await withJobs(context, async (jobs) => {
    const started = [];
    for (const { schema } of plans)
      started.push({
        table: schema.table,
        ...(await jobs.start(schema.table, options.where ?? null, options.priority ?? 0)),
      });
    if (options.json) return out.json(started);
    for (const { table, id, created } of started)
      out.line(created ? `${table}: load ${id} is queued` : `${table}: load ${id} is under way already`);
    out.note('Follow it with: tributary snapshot status --watch');
  });
}

/** Bad SQL is refused here, in the server's own words, instead of failing later in the relay. */
async function checkWhere(
  connection: Awaited<ReturnType<Context['servers']['mysql']>>,
  table: string,
  where: string,
): Promise<void> {
  const dot = table.indexOf('.');
  try {
    await connection.query(`SELECT 1 FROM ?? WHERE (${where}\n) LIMIT 0`, [
      [table.slice(0, dot), table.slice(dot + 1)].join('.'),
    ]);
  } catch (error) {
    throw fatal('SNAPSHOT', `--where is refused for ${table}: ${(error as Error).message}.`, error);
  }
}

async function status(context: Context): Promise<number> {
  const { out, options } = context;
  return withJobs(context, async (jobs) => {
    const list = async () => (await jobs.list()).filter(({ table }) => matchesTable(options.table, table));
    if (options.watch) await watch(list);
    const found = await list();
    if (options.json) out.json(found);
    else if (found.length === 0) out.line('No table was ever loaded: run tributary snapshot start.');
    else showJobs(out, found);
    return found.some(({ state }) => state === 'failed') ? 1 : 0;
  });
}

const underWay = ({ state }: SnapshotProgress) => state === 'queued' || state === 'running';

async function watch(list: () => Promise<SnapshotProgress[]>): Promise<void> {
  const progress = new Progress('rows');
  const seen = new Set<string>();
  const name = ({ id, table }: SnapshotProgress) => `${table} (load ${id})`;
  try {
    for (;;) {
      const jobs = await list();
      for (const job of jobs.filter(underWay)) {
        seen.add(job.id);
        progress.update(name(job), job.rowsDone, job.rowsTotal);
      }
      for (const job of jobs)
        if (!underWay(job) && seen.delete(job.id)) {
          progress.update(name(job), job.rowsDone, job.rowsTotal);
          if (job.state === 'done') progress.finish(name(job));
        }
      if (!jobs.some(underWay)) return;
      await sleep(WATCH_MS);
    }
  } finally {
    progress.stop();
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
        value: ({ rowsTotal, state }) => (state === 'done' ? count(rowsTotal) : `~${count(rowsTotal)}`),
        right: true,
      },
      {
        head: 'done',
        value: (job) => (job.state === 'done' ? '100 %' : percent(job.rowsDone, job.rowsTotal)),
        right: true,
      },
      { head: 'rows/s', value: (job) => rate(job), right: true },
      { head: 'time', value: (job) => duration(seconds(job)), right: true },
      { head: 'where', value: ({ where }) => where ?? '-' },
      { head: 'error', value: ({ error }) => error ?? '-' },
    ],
    jobs,
  );
}

function seconds({ startedAt, finishedAt }: SnapshotProgress): number | null {
  if (!startedAt) return null;
  const end = finishedAt ? Date.parse(finishedAt) : Date.now();
  return (end - Date.parse(startedAt)) / 1000;
}

function rate(job: SnapshotProgress): string {
  const time = seconds(job);
  return time ? count(Math.round(job.rowsDone / time)) : '-';
}

async function control(context: Context, action: 'pause' | 'resume' | 'cancel'): Promise<void> {
  const { out, options } = context;
  await withJobs(context, async (jobs) => {
    const changed = await jobs.control(action, options.table);
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

async function withJobs<T>({ servers }: Context, work: (jobs: SnapshotJobs) => Promise<T>): Promise<T> {
  const { mysqlUrl, config } = servers.env;
  // Says what is wrong with the address or the account in one sentence, which TypeORM does not.
  await servers.mysql();
  const source = captureDataSource(mysqlUrl, config.captureSchema, { ...mysqlOptions(mysqlUrl) });
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
