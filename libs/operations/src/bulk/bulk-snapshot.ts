import { viewTables, type Connection, type TablePlan } from '@tributary/capture';
import {
  BulkJobs,
  BulkLoad,
  loadResult,
  rangeRows,
  takeFloor,
  type JobFloor,
  type JobProgress,
  type LoadWay,
  type LoadTask,
} from '@tributary/bulk';
import { fatal } from '@tributary/kernel';
import { estimateRows } from '@tributary/snapshot';
import { ensureTopics, SchemaStore } from '@tributary/topics';
import type { OperationContext } from '../context';
import { chosenPlans } from '../snapshots/start';
import { withPublisher } from '../with-publisher';
import { openEngine, type Engine, type EngineOptions } from './engine';
import { followed } from './followed';
import { refuseDirect } from './refuse-direct';
import { Retries, runStatement } from './statement';

export interface BulkSnapshotInput extends EngineOptions {
  readonly table?: string | undefined;
  /** Only the rows for which this SQL is true. */
  readonly where?: string | undefined;
  /** Through Kafka, or, as a first load that no other reader of the topics waits for, straight into the targets. */
  readonly via?: LoadWay | undefined;
  /** Rows of a range; default: by the table's size and the cluster's slots. */
  readonly rangeRows?: number | undefined;
  /** Told about every second how far the load of a table is; `total` is the server's estimate. */
  readonly onProgress?: (
    table: string,
    progress: JobProgress & { readonly job: string; readonly total: number },
  ) => void;
  readonly onTableEnd?: (table: string) => void;
}

/** What became of the load of a table. */
export interface BulkSnapshotResult {
  readonly table: string;
  readonly job: string;
  /** `stopped`: it was paused or cancelled meanwhile. */
  readonly state: 'done' | 'stopped';
  readonly rows: number;
  readonly ranges: number;
  /** Ranges that an earlier run had done. */
  readonly rangesBefore: number;
  readonly seconds: number;
}

/** Ranges that are given out together at most: Spark's own pages, and a statement's text, stay small. */
const MOST_TASKS = 256;
/** Each statement may have so many times the tasks of the one before: the first begins before all is planned. */
const GROWTH = 4;

/**
 * Loads whole tables by workers of a Spark cluster, beside live changes, through a topic of their own. Whatever dies, the same
 * call again goes on with the ranges that are left. Throws a SyncError; with the signal's reason when that aborts.
 */
export function bulkSnapshot(
  context: OperationContext,
  input: BulkSnapshotInput,
): Promise<readonly BulkSnapshotResult[]> {
  return withPublisher(context, async (publisher) => {
    const { servers, note } = context;
    const { config } = servers;
    const signal = context.signal ?? new AbortController().signal;
    const [connection, watching] = [await servers.mysql(), await servers.mysql()];
    const plans = await capturedPlans(connection, context, input.table);
    if (input.via === 'direct') await refuseDirect(context, plans);
    const where = input.where ?? null;
    const estimates = new Map<string, number>();
    for (const { settings } of plans)
      estimates.set(
        settings.table,
        await estimateRows(async (sql) => (await connection.query(sql))[0], settings.table, where),
      );
    await ensureTopics(servers.kafka, config);
    const jobs = new BulkJobs(connection, config.captureSchema);
    await jobs.epoch();
    const engine = await openEngine(context, input);
    try {
      const deps = {
        ...{ mysqlUrl: servers.env.mysqlUrl, config, jobs, publisher },
        via: input.via ?? 'kafka',
        schemas: new SchemaStore(servers.kafka, config.topics.schemas, context.log),
        waits: (what: string) => note(`Waiting for ${what}`),
      };
      const open = async (plan: TablePlan) => {
        const { table } = plan.settings;
        return new BulkLoad(deps, await jobs.take(table, where, estimates.get(table)!), plan);
      };
      const { captureSchema } = config;
      const floor = () =>
        takeFloor({ mysqlUrl: deps.mysqlUrl, captureSchema, connection, waits: deps.waits }, signal);
      const loads: BulkLoad[] = [];
      for (const plan of plans) loads.push(await open(plan));
      const watch = new BulkJobs(watching, config.captureSchema);
      return await new Loading(
        { context, input, engine, jobs, watch, signal, estimates, floor },
        loads,
      ).run();
    } finally {
      await engine.close();
    }
  });
}

interface LoadingDeps {
  readonly context: OperationContext;
  readonly input: BulkSnapshotInput;
  readonly engine: Engine;
  readonly jobs: BulkJobs;
  /** On a connection of its own: how far loads are is asked while ranges are planned. */
  readonly watch: BulkJobs;
  readonly signal: AbortSignal;
  readonly estimates: ReadonlyMap<string, number>;
  readonly floor: () => Promise<JobFloor>;
}

/** Throws a fatal SyncError when one is not captured: its changes beside the load would be missed. */
async function capturedPlans(
  connection: Connection,
  context: OperationContext,
  table: string | undefined,
): Promise<readonly TablePlan[]> {
  const plans = await chosenPlans(connection, context, table);
  const views = await viewTables(connection, context.servers.config);
  const bare = plans.map(({ settings }) => settings.table).filter((name) => !views.get(name)?.captured);
  if (bare.length > 0)
    throw fatal(
      'SNAPSHOT',
      `No changes of ${bare.join(', ')} are captured, so those beside a load would be missed: run tributary capture install first.`,
    );
  return plans;
}

/** A load that has not ended. */
interface OpenLoad {
  readonly load: BulkLoad;
  /** Ranges that an earlier run had done. */
  readonly before: number;
  /** `performance.now()` when it began. */
  readonly since: number;
}

/** Loads that are under way at a time, and share the cluster. */
class Loading {
  #open: readonly OpenLoad[] = [];
  readonly #results: BulkSnapshotResult[] = [];
  #tasks: number;

  constructor(
    private readonly deps: LoadingDeps,
    private readonly loads: readonly BulkLoad[],
  ) {
    this.#tasks = Math.min(MOST_TASKS, deps.engine.slots * GROWTH);
  }

  async run(): Promise<readonly BulkSnapshotResult[]> {
    const { jobs, signal, context } = this.deps;
    const retries = new Retries(context.note);
    // One for all tables: none of them has been read yet.
    let floor: Promise<JobFloor> | undefined;
    const shared = () => (floor ??= this.deps.floor());
    try {
      for (const load of this.loads) {
        const since = performance.now();
        await load.begin(shared);
        const { rangesDone: before } = await jobs.progress(load.job);
        this.#open = [...this.#open, { load, before, since }];
      }
      while (this.#open.length > 0) {
        signal.throwIfAborted();
        const tasks = await this.#nextTasks();
        if (tasks.length > 0) await this.#give(tasks, retries);
      }
      return this.#results;
    } finally {
      for (const { load } of this.#open)
        await jobs
          .leave(load.job, 'tributary snapshot start --engine spark, which goes on with it')
          .catch(() => undefined);
    }
  }

  /** Of all tables; those that have no range left are ended. */
  async #nextTasks(): Promise<LoadTask[]> {
    const { signal } = this.deps;
    const tasks: LoadTask[] = [];
    for (const one of [...this.#open]) {
      const table = one.load.plan.settings.table;
      const rows =
        this.deps.input.rangeRows ?? rangeRows(this.deps.estimates.get(table)!, this.deps.engine.slots);
      if (tasks.length >= this.#tasks) break;
      const own = await one.load.tasks(rows, this.#tasks - tasks.length, signal);
      tasks.push(...own);
      if (own.length === 0) await this.#end(one);
    }
    return tasks;
  }

  async #give(tasks: readonly LoadTask[], retries: Retries): Promise<void> {
    const { engine, signal } = this.deps;
    const stopped = new Set<string>();
    const changed = new Set<string>();
    let results = 0;
    const failure = await this.#followed(
      runStatement(engine, {
        ...{ mode: 'load', tasks, result: loadResult, signal },
        onResult: ({ job, outcome }) => {
          results += 1;
          if (outcome === 'stopped') stopped.add(job);
          if (outcome === 'changed') changed.add(job);
        },
      }),
    );
    this.#tasks = Math.min(MOST_TASKS, this.#tasks * GROWTH);
    for (const one of [...this.#open]) {
      if (changed.has(one.load.job.id)) await this.#beginAnew(one);
      else if (stopped.has(one.load.job.id)) await this.#stop(one);
    }
    if (failure) await retries.after(engine, failure, results > 0, signal);
    else retries.succeeded();
  }

  #followed<T>(work: Promise<T>): Promise<T> {
    const { watch, input, estimates } = this.deps;
    return followed(work, async () => {
      for (const { load } of this.#open) {
        const { table, id: job } = load.job;
        input.onProgress?.(table, { ...(await watch.progress(load.job)), job, total: estimates.get(table)! });
      }
    });
  }

  async #end(one: OpenLoad): Promise<void> {
    const { jobs, signal, input } = this.deps;
    const { load, before, since } = one;
    const { table, id: job } = load.job;
    const progress = await jobs.progress(load.job);
    const busyMs = performance.now() - since;
    const ended = await load.end(busyMs, signal);
    this.#open = this.#open.filter((other) => other !== one);
    const { rows, ranges } = progress;
    this.#results.push({
      ...{ table, job, state: ended ? 'done' : 'stopped', rows, ranges, rangesBefore: before },
      seconds: Math.round(busyMs) / 1000,
    });
    if (!ended) return;
    input.onProgress?.(table, { ...progress, state: 'done', job, total: rows });
    input.onTableEnd?.(table);
  }

  async #stop(one: OpenLoad): Promise<void> {
    const { load, before, since } = one;
    const { rows, ranges, state } = await this.deps.jobs.progress(load.job);
    if (state === 'running') return;
    this.#open = this.#open.filter((other) => other !== one);
    this.#results.push({
      ...{ table: load.job.table, job: load.job.id, state: 'stopped', rows, ranges, rangesBefore: before },
      seconds: Math.round(performance.now() - since) / 1000,
    });
  }

  /** The table was altered, or the epoch has risen: all of it is read again. */
  async #beginAnew(one: OpenLoad): Promise<void> {
    const { context } = this.deps;
    const { table } = one.load.job;
    const connection = await context.servers.mysql();
    const [plan] = await capturedPlans(connection, context, table);
    context.note(`${table} was altered, or its versions are others now: its load begins anew.`);
    const load = one.load.withPlan(plan!);
    await load.begin(this.deps.floor);
    this.#open = this.#open.map((other) => (other === one ? { load, before: 0, since: one.since } : other));
  }
}
