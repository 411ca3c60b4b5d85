import {
  type BulkLoad,
  loadResult,
  rangeRows,
  type BulkJobs,
  type JobFloor,
  type LoadTask,
} from '@tributary/bulk';
import type { OperationContext } from '../context';
import { capturedPlans } from './captured-plans';
import type { Engine } from './engine';
import { followed } from './followed';
import { HungWorkers } from './hung-workers';
import type { BulkSnapshotInput, BulkSnapshotResult } from './load-result';
import { Retries, runStatement } from './statement';

/** Ranges that are given out together at most: Spark's own pages, and a statement's text, stay small. */
const MOST_TASKS = 256;
/** Each statement may have so many times the tasks of the one before: the first begins before all is planned. */
const GROWTH = 4;

export interface LoadingDeps {
  readonly context: OperationContext;
  readonly input: BulkSnapshotInput;
  readonly engine: Engine;
  readonly jobs: BulkJobs;
  /** On a connection of its own: how far loads are is asked while ranges are planned. */
  readonly watch: BulkJobs;
  readonly signal: AbortSignal;
  readonly estimates: ReadonlyMap<string, number>;
  readonly floor: () => Promise<JobFloor>;
  /** Gets what became of each table. */
  readonly ended: BulkSnapshotResult[];
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
export class Loading {
  #open: readonly OpenLoad[] = [];
  #tasks: number;

  constructor(
    private readonly deps: LoadingDeps,
    private readonly loads: readonly BulkLoad[],
  ) {
    this.#tasks = Math.min(MOST_TASKS, deps.engine.slots * GROWTH);
  }

  async run(): Promise<void> {
    const { jobs, signal, context } = this.deps;
    const retries = new Retries(context.note);
    // One for all tables: none of them has been read yet.
    const floors = new Map<number, Promise<JobFloor>>();
    const shared = (epoch: number) => {
      const floor = floors.get(epoch) ?? this.deps.floor();
      floors.set(epoch, floor);
      return floor;
    };
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
    const hung = new HungWorkers();
    let results = 0;
    const failure = await this.#followed(
      runStatement(engine, {
        ...{ mode: 'load', tasks, result: loadResult, signal, hung: hung.signal },
        onResult: ({ job, outcome }) => {
          results += 1;
          if (outcome === 'stopped') stopped.add(job);
          if (outcome === 'changed') changed.add(job);
        },
      }),
      hung,
    );
    this.#tasks = Math.min(MOST_TASKS, this.#tasks * GROWTH);
    for (const one of [...this.#open]) {
      if (changed.has(one.load.job.id)) await this.#beginAnew(one);
      else if (stopped.has(one.load.job.id)) await this.#stop(one);
    }
    if (failure) await retries.after(engine, failure, results > 0, signal);
    else retries.succeeded();
  }

  #followed<T>(work: Promise<T>, hung: HungWorkers): Promise<T> {
    const { watch, input, estimates } = this.deps;
    return followed(work, async () => {
      for (const { load } of this.#open) {
        const { table, id: job } = load.job;
        input.onProgress?.(table, { ...(await watch.progress(load.job)), job, total: estimates.get(table)! });
      }
      hung.look(await watch.leases(this.#open.map(({ load }) => load.job)));
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
    this.deps.ended.push({
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
    this.deps.ended.push({
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
