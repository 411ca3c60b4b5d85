import type { Logger } from './logger';
import type { Metrics } from './metrics';
import type { SuspendedTable, TableTrouble } from './suspended-table';
import type { SuspensionNotes } from './suspension-notes';

/**
 * The tables that this process leaves out while the others go on (R15): in the log, `/metrics`, `/info`, the details of
 * readiness, and as notes on Kafka once it is connected to them. Nothing here waits for a server or throws.
 */
export class TableStates {
  /** By table, then by code: what is wrong with it, the oldest first. */
  readonly #troubles = new Map<string, Map<string, SuspendedTable>>();
  readonly #log: Logger;
  #notes: SuspensionNotes | undefined;

  constructor(log: Logger, metrics: Metrics) {
    this.#log = log;
    metrics.observeEach(
      'tributary_table_suspended',
      '1 for a table that this stage leaves out; /info says why and what to do',
      ['table', 'stage'],
      () => this.list().map(({ table }) => ({ labels: { table, stage: metrics.stage }, value: 1 })),
    );
  }

  /** Leaves a table out from now on. A table can have several troubles at once, told apart by their codes. */
  suspend(table: string, { code, reason, remedy }: TableTrouble): void {
    const troubles = this.#troubles.get(table) ?? new Map<string, SuspendedTable>();
    const known = troubles.get(code);
    if (known?.reason === reason && known.remedy === remedy) return;
    const since = known?.since ?? new Date().toISOString();
    troubles.set(code, { table, state: 'suspended', code, reason, remedy, since });
    this.#troubles.set(table, troubles);
    this.#log.error(
      { event: 'table-suspended', table, code },
      `${table} is suspended, other tables go on: ${reason} ${remedy}`,
    );
    this.#notes?.changed();
  }

  /** Ends one trouble of a table, or all of them; true when the table had some and is active now. */
  lift(table: string, code?: string): boolean {
    const troubles = this.#troubles.get(table);
    if (!troubles) return false;
    if (code === undefined) troubles.clear();
    else if (!troubles.delete(code)) return false;
    if (troubles.size === 0) {
      this.#troubles.delete(table);
      this.#log.info({ event: 'table-active', table }, `${table} is active again`);
    }
    this.#notes?.changed();
    return troubles.size === 0;
  }

  isSuspended(table: string): boolean {
    return this.#troubles.has(table);
  }

  /** Each suspended table with its oldest trouble, in order of name. */
  list(): SuspendedTable[] {
    return [...this.#troubles.values()]
      .flatMap((troubles) => [...troubles.values()].slice(0, 1))
      .sort((a, b) => (a.table < b.table ? -1 : 1));
  }

  /** All troubles of one code. */
  of(code: string): SuspendedTable[] {
    return [...this.#troubles.values()].flatMap((troubles) => troubles.get(code) ?? []);
  }

  /** For the details of readiness: table to what is wrong; `null` when no table is suspended. */
  details(): Record<string, string> | null {
    const tables = this.list();
    if (tables.length === 0) return null;
    return Object.fromEntries(tables.map(({ table, code, reason }) => [table, `${code}: ${reason}`]));
  }

  /**
   * From now on Kafka is told as well. To be called when it is known which tables are suspended: notes of this service
   * about others are taken back.
   */
  connect(notes: SuspensionNotes): void {
    this.#notes = notes;
    notes.start(() => this.list());
  }

  /** Resolves when Kafka has what was said so far: before the offsets of skipped events are committed (R12). */
  async settled(): Promise<void> {
    await this.#notes?.settled();
  }

  /** Forgets all, as a relay that no longer leads does; the notes stay for the next one. */
  async disconnect(): Promise<void> {
    const notes = this.#notes;
    this.#notes = undefined;
    this.#troubles.clear();
    await notes?.stop();
  }
}
