import { pause } from '@tributary/kernel';
import {
  captureReport,
  distrustParked,
  repairTarget,
  insertMarker,
  installCapture,
  isMendable,
  missedTables,
  stateEffects,
  type CaptureStatus,
  type Connection,
  type TablePlan,
} from '@tributary/capture';
import type { SnapshotJobs } from '@tributary/snapshot';
import type { CaptureStates } from './capture-states';
import type { RelayContext } from './ports';
import type { ShapeGuard } from './shape-guard';
import type { TableEvents } from './table-events';

/** Told at each look which tables there are, and which of them have drifted. */
export interface DriftReport {
  found(tables: ReadonlyMap<string, boolean>): void;
}

export interface DriftDeps {
  readonly context: RelayContext;
  readonly connection: Connection;
  readonly jobs: Pick<SnapshotJobs, 'reload'>;
  /** Looks for tables that lost rows without a trigger. */
  readonly truncates: { check(): Promise<void> };
  readonly guard: Pick<ShapeGuard, 'refresh' | 'distrust'>;
  /** The tables as they are captured; the guard brings it up to date. */
  readonly plans: ReadonlyMap<string, TablePlan>;
  readonly suspended: Pick<CaptureStates, 'take' | 'over' | 'reopen'>;
  readonly events: Pick<TableEvents, 'on' | 'emit'>;
  readonly drift: DriftReport;
}

const CHECK_EVERY_MS = 5_000;

/**
 * Compares tables and triggers every few seconds, and at once when one is told to have changed: what an ALTER TABLE, a table swap or a
 * new table of a pattern left uncaptured is captured again and loaded anew.
 */
export class DriftWatch {
  #wake = new AbortController();
  #needsRepair = new Set<string>();
  /** Tables that were there at the last check; `plans` may have lost one since. */
  #present: ReadonlySet<string>;
  /** Tables whose load is queued, and has to wait until their capture is mended. */
  readonly #heldLoads = new Set<string>();
  #reported = '';
  #failure = '';

  constructor(private readonly deps: DriftDeps) {
    this.#present = new Set(deps.plans.keys());
    deps.events.on('changed', () => this.#wake.abort());
  }

  get heldLoads(): ReadonlySet<string> {
    return this.#heldLoads;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const either = AbortSignal.any([signal, this.#wake.signal]);
      await pause(CHECK_EVERY_MS, either);
      this.#wake = new AbortController();
      if (!signal.aborted) await this.#check();
    }
  }

  async #check(): Promise<void> {
    const { connection, context, guard, suspended } = this.deps;
    const report = await captureReport(connection, context.env.config);
    const found = report.statuses;
    const drifted = found.filter(({ state }) => state !== 'ok' && state !== 'suspended');
    this.#report(drifted);
    this.#show(found, drifted);
    const { config } = context.env;
    const captured = new Set(
      found
        .filter(({ table, state }) => state !== 'suspended' && config.table(table) !== undefined)
        .map(({ table }) => table),
    );
    const gone = [...this.#present].filter((table) => !captured.has(table));
    suspended.take(report);
    // A table that its own entry of the sync file names has a status as well when it is missing.
    const missing = new Set(
      report.suspended.filter(({ code }) => code === 'MISSING').map(({ table }) => table),
    );
    const there = new Set(found.map(({ table }) => table).filter((table) => !missing.has(table)));
    for (const table of gone.filter((name) => !there.has(name))) this.#reportGone(table);
    if (gone.length > 0) await guard.refresh();
    this.#present = captured;
    const needsRepair = drifted.filter(isMendable);
    this.#needsRepair = new Set(needsRepair.map(repairTarget));
    this.deps.events.emit('needsRepair', this.#needsRepair);
    if (needsRepair.length > 0) await this.#mend(needsRepair);
    else {
      this.#failure = '';
      this.#heldLoads.clear();
    }
    await this.#lift(suspended.over(report));
    // Not before the triggers are in place again: what changes behind a load must be captured (R5).
    await this.deps.truncates.check();
  }

  /** Tables that can be captured again, and are: what they have missed comes with a load. */
  async #lift(tables: readonly string[]): Promise<void> {
    const { guard, jobs, suspended } = this.deps;
    const whole = tables.filter((table) => !this.#needsRepair.has(table));
    if (whole.length === 0) return;
    const lifts = suspended.reopen(whole);
    // The relay must know the table before its load begins, and the note that tells of it stays until that is queued.
    await guard.refresh();
    for (const table of whole) await jobs.reload(table);
    for (const lift of lifts) lift();
  }

  #report(drifted: readonly CaptureStatus[]): void {
    const message = drifted.map(({ detail }) => detail).join(' ');
    if (message !== this.#reported && message !== '')
      this.deps.context.log.warn({ event: 'drift', tables: drifted.map(({ table }) => table) }, message);
    this.#reported = message;
  }

  #show(found: readonly CaptureStatus[], drifted: readonly CaptureStatus[]): void {
    const tables = new Map(found.map(({ table }) => [table, false]));
    for (const { table } of drifted) tables.set(table, true);
    this.deps.drift.found(tables);
  }

  #reportGone(table: string): void {
    this.deps.context.log.error(
      { event: 'table-gone', table },
      `${table} was dropped or renamed: the targets keep the rows that they have. When it is there again it is captured and loaded; if it is gone for good, take it out of the sync file`,
    );
  }

  /** One table that cannot be mended yet must not keep the others from it. */
  async #mend(needsRepair: readonly CaptureStatus[]): Promise<void> {
    const tables = [...new Set(needsRepair.map(repairTarget))];
    if (await this.#mendTables(needsRepair, tables)) return;
    if (tables.length > 1) for (const table of tables) await this.#mendTables(needsRepair, [table]);
  }

  async #mendTables(needsRepair: readonly CaptureStatus[], tables: readonly string[]): Promise<boolean> {
    const { connection, context, jobs, guard, events } = this.deps;
    const { config } = context.env;
    const mending = needsRepair.filter((status) => tables.includes(repairTarget(status)));
    const swapped = new Set(mending.filter(({ state }) => stateEffects[state].swapped).map(repairTarget));
    const loads = [...new Set(mending.flatMap((status) => missedTables(status, config)))];
    // The intent outlives a crash between the two; the load that counts is queued when capture is in order.
    for (const table of loads.filter((name) => !this.#heldLoads.has(name))) {
      this.#heldLoads.add(table);
      await jobs.reload(table);
    }
    let notes: readonly string[];
    try {
      ({ notes } = await installCapture(connection, config, {
        tables,
        onWaiting: (sentence) => context.log.warn({ event: 'capture-waits', tables }, sentence),
      }));
    } catch (error) {
      this.#reportFailure(tables, error as Error);
      return false;
    }
    // Triggers that stood on another table have ended, and the transactions with them: their entries are below.
    if (swapped.size > 0) {
      const marker = await insertMarker(connection, config.captureSchema);
      for (const table of swapped) {
        guard.distrust(table, marker);
        // Those that wait aside may wait for longer than this term.
        await distrustParked(connection, config.captureSchema, table, marker);
      }
    }
    await guard.refresh();
    // Not before the relay knows a new table: a load of one that it does not know fails.
    for (const table of loads) {
      await jobs.reload(table);
      this.#heldLoads.delete(table);
    }
    for (const table of tables) {
      this.#needsRepair.delete(table);
      events.emit('repaired', table);
    }
    this.#failure = '';
    context.log.info({ event: 'drift-mended', tables, loads, notes }, 'capture was repaired');
    return true;
  }

  /** The table may be in the middle of an ALTER, or no longer fit for capture; the next check tries again. */
  #reportFailure(tables: readonly string[], { message }: Error): void {
    if (message !== this.#failure)
      this.deps.context.log.error(
        { event: 'drift-not-mended', tables },
        `capture could not be repaired yet: ${message}`,
      );
    this.#failure = message;
  }
}
