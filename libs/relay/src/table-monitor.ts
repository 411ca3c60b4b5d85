import { EventEmitter } from 'node:events';
import {
  captureReport,
  notGone,
  viewTables,
  type Connection,
  type DdlSentinel,
  type TablePlan,
  type TableView,
} from '@tributary/capture';
import type { SnapshotJobs } from '@tributary/snapshot';
import { CaptureStates } from './capture-states';
import { DriftWatch, type DriftReport } from './drift-watch';
import { UnidentifiedChanges } from './unidentified-changes';
import type { RelayContext } from './ports';
import { ShapeGuard } from './shape-guard';
import type { TableEvents } from './table-events';
import { TruncateWatch } from './truncate-watch';

export interface MonitorDeps {
  readonly context: RelayContext;
  /** It may be held up for long, behind somebody's transaction. */
  readonly connection: Connection;
  readonly sentinel: DdlSentinel;
  readonly jobs: Pick<SnapshotJobs, 'reload'>;
  readonly drift: DriftReport;
}

/**
 * The captured tables in one term: which they are, whether they are still what the log says of them, and what is done
 * about those that are not. Its parts know each other by events alone, but that the drift watch has the guard look anew.
 */
export class TableMonitor {
  /** How entries and rows are to be read, as the tables are at the moment. */
  readonly guard: ShapeGuard;
  readonly #plans = new Map<string, TablePlan>();
  readonly #drift: DriftWatch;
  readonly #missed: UnidentifiedChanges;
  readonly #truncates: TruncateWatch;

  /** Looks at the tables. One that is gone, or unfit for capture, ends no term: the drift watch reports it. */
  static async open(deps: MonitorDeps): Promise<TableMonitor> {
    const { context, connection } = deps;
    const { config } = context.env;
    const suspended = new CaptureStates(context.tables);
    suspended.take(await captureReport(connection, config));
    return new TableMonitor(deps, suspended, await viewTables(connection, config, suspended.has));
  }

  private constructor(
    private readonly deps: MonitorDeps,
    private readonly suspended: CaptureStates,
    views: ReadonlyMap<string, TableView>,
  ) {
    const { context, connection, sentinel, jobs, drift } = deps;
    const { config } = context.env;
    const plans = this.#plans;
    for (const [table, { plan }] of views) plans.set(table, plan);
    const events: TableEvents = new EventEmitter();
    const wanted = (table: string) => config.table(table) !== undefined;
    this.#truncates = new TruncateWatch(context, connection);
    this.guard = new ShapeGuard(
      {
        ...{ sentinel, plans, events },
        // On the sentinel's connection: the other one may be held up.
        view: () => viewTables(sentinel.connection, config, suspended.has),
        hidden: (tables) => notGone(sentinel.connection, tables.filter(wanted)),
      },
      views,
    );
    this.#missed = new UnidentifiedChanges(context, jobs, events);
    const { guard } = this;
    const truncates = { check: () => this.checkTruncates() };
    this.#drift = new DriftWatch({
      ...{ context, connection, jobs, truncates, guard, plans, suspended, events, drift },
    });
  }

  plan(table: string): TablePlan | undefined {
    return this.#plans.get(table);
  }

  /** All tables that are captured now. */
  tables(): string[] {
    return [...this.#plans.keys()];
  }

  /** Tables whose loads wait until their capture is repaired. */
  get heldLoads(): ReadonlySet<string> {
    return this.#drift.heldLoads;
  }

  /** Why the entries of a table are skipped; `undefined`: they are not. */
  leftOut(table: string): 'suspended' | 'excluded' | undefined {
    if (this.suspended.has(table)) return 'suspended';
    return this.deps.context.env.config.isExcluded(table) ? 'excluded' : undefined;
  }

  /** Has tables loaded that lost rows without a trigger since the last look, by this relay or one before it. */
  checkTruncates(): Promise<void> {
    return this.#truncates.check(this.#plans, (table) => this.deps.jobs.reload(table));
  }

  /** Sees to changes whose row cannot be told; to be called before their entries are acknowledged. */
  noteMissed(counts: ReadonlyMap<string, number>): Promise<void> {
    return this.#missed.note(counts);
  }

  /** Watches for drift and mends it, until `signal` aborts. */
  run(signal: AbortSignal): Promise<void> {
    return this.#drift.run(signal);
  }
}
