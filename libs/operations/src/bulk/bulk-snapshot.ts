import { mysqlError, type Connection, type TablePlan } from '@tributary/capture';
import { BulkJobs, BulkLoad, takeFloor } from '@tributary/bulk';
import { estimateRows } from '@tributary/snapshot';
import { ensureTopics, SchemaStore } from '@tributary/topics';
import type { RecordPublisher } from '@tributary/transport';
import type { OperationContext } from '../context';
import { withPublisher } from '../with-publisher';
import { capturedPlans } from './captured-plans';
import { openEngine, type Engine } from './engine';
import type { BulkSnapshotInput, BulkSnapshotResult } from './load-result';
import { Loading } from './loading';
import { nextTry } from './next-try';
import { refuseDirect } from './refuse-direct';

/** What a load that was left waits for, as `snapshot status` says it. */
const GOES_ON = 'tributary snapshot start --engine spark, which goes on with it';

const MOST_WAIT_MS = 30_000;

/**
 * Loads whole tables by workers of a Spark cluster, beside live changes, through a topic of their own. Whatever dies, the same
 * call again goes on with the ranges that are left, and by itself when MySQL was away. Throws a SyncError; with the signal's
 * reason when that aborts.
 */
export function bulkSnapshot(
  context: OperationContext,
  input: BulkSnapshotInput,
): Promise<readonly BulkSnapshotResult[]> {
  return withPublisher(context, async (publisher) => {
    const signal = context.signal ?? new AbortController().signal;
    await ensureTopics(context.servers.kafka, context.servers.config);
    const first = await prepared(context, input);
    if (input.via === 'direct') await refuseDirect(context, first.plans);
    const engine = await openEngine(context, input);
    const ended: BulkSnapshotResult[] = [];
    const run: Run = { context, input, engine, publisher, signal, ended };
    try {
      for (let attempt = 1, work: Prepared | undefined = first; ; attempt += 1)
        try {
          await loadAll(run, work ?? (await prepared(context, input)));
          return ended;
        } catch (error) {
          await untilNextTry(error, attempt, context, signal);
          work = undefined;
        }
    } finally {
      await engine.close();
    }
  });
}

/** Throws what does not pass by itself. */
async function untilNextTry(
  error: unknown,
  attempt: number,
  { note }: OperationContext,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const reason = mysqlError(error);
  if (reason.kind !== 'retry') throw error;
  await nextTry(reason, attempt, { note, mostMs: MOST_WAIT_MS, signal });
}

/** Tables to be loaded, on connections of a try. */
interface Prepared {
  readonly jobs: BulkJobs;
  readonly watch: BulkJobs;
  readonly connection: Connection;
  readonly plans: readonly TablePlan[];
  readonly estimates: ReadonlyMap<string, number>;
  /** Gives up the loads that it has taken. */
  close(): void;
}

async function prepared(context: OperationContext, { table, where }: BulkSnapshotInput): Promise<Prepared> {
  const { servers } = context;
  const [connection, watching] = [await servers.mysql(), await servers.mysql()];
  const plans = await capturedPlans(connection, context, table);
  const estimates = new Map<string, number>();
  for (const { settings } of plans)
    estimates.set(
      settings.table,
      await estimateRows(async (sql) => (await connection.query(sql))[0], settings.table, where ?? null),
    );
  const { captureSchema } = servers.config;
  const jobs = new BulkJobs(connection, captureSchema);
  await jobs.epoch();
  const close = () => {
    for (const one of [connection, watching]) one.destroy();
  };
  return { jobs, watch: new BulkJobs(watching, captureSchema), connection, plans, estimates, close };
}

interface Run {
  readonly context: OperationContext;
  readonly input: BulkSnapshotInput;
  readonly engine: Engine;
  readonly publisher: RecordPublisher;
  readonly signal: AbortSignal;
  /** Of earlier tries, and of this one as its tables end. */
  readonly ended: BulkSnapshotResult[];
}

/** Loads what has not ended yet. */
async function loadAll(
  { context, input, engine, publisher, signal, ended }: Run,
  { jobs, watch, connection, plans, estimates, close }: Prepared,
): Promise<void> {
  const { servers, note } = context;
  const { config } = servers;
  const deps = {
    ...{ mysqlUrl: servers.env.mysqlUrl, config, jobs, publisher },
    ...{ via: input.via ?? 'kafka', rate: input.rate ?? null },
    schemas: new SchemaStore(servers.kafka, config.topics.schemas, context.log),
    waits: (what: string) => note(`Waiting for ${what}`),
  };
  const { captureSchema } = config;
  const floor = () =>
    takeFloor({ mysqlUrl: deps.mysqlUrl, captureSchema, connection, waits: deps.waits }, signal);
  const loads: BulkLoad[] = [];
  try {
    for (const plan of plans) {
      const { table } = plan.settings;
      if (ended.some((one) => one.table === table)) continue;
      const job = await jobs.take(table, input.where ?? null, estimates.get(table)!);
      loads.push(new BulkLoad(deps, job, plan));
    }
    await new Loading({ context, input, engine, jobs, watch, signal, estimates, floor, ended }, loads).run();
  } finally {
    // Those that have not ended.
    for (const { job } of loads) await jobs.leave(job, GOES_ON).catch(() => undefined);
    close();
  }
}
