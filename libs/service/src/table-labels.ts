import type { SyncConfig } from '@tributary/sync-config';

/** Tables that get a label of their own with `metrics.tables: top`. */
export const TOP_TABLES = 20;
/** The label of all others. */
const OTHER_TABLES = 'other';
/** By how much a table must have more events than another to take its place: places change rarely. */
const MARGIN = 1.1;

/** Which tables have a `table` label of their own, as `metrics.tables` of the sync file says. */
export class TableLabels {
  /** Events of each table that was ever asked for. */
  readonly #events = new Map<string, number>();
  readonly #top = new Set<string>();

  constructor(
    private readonly mode: SyncConfig['tableLabels'],
    /** A table has lost its label to another one: what stands under it is to be removed. */
    private readonly onDropped: (table: string) => void,
  ) {}

  /** `undefined`: no label at all. Tables with the same answer are counted together. */
  of(table: string): string | undefined {
    if (this.mode === 'none') return undefined;
    if (this.mode === 'all') return table;
    if (this.#top.size < TOP_TABLES) this.count(table, 0);
    return this.#top.has(table) ? table : OTHER_TABLES;
  }

  /** Notes events of a table; few integer operations, for each batch and table. */
  count(table: string, events: number): void {
    const total = (this.#events.get(table) ?? 0) + events;
    this.#events.set(table, total);
    if (this.mode !== 'top' || this.#top.has(table)) return;
    if (this.#top.size < TOP_TABLES) this.#top.add(table);
    else this.#displace(table, total);
  }

  /** Tables that had events, or were asked for. */
  seen(): Iterable<string> {
    return this.#events.keys();
  }

  #displace(table: string, total: number): void {
    const events = (one: string) => this.#events.get(one) ?? 0;
    const least = [...this.#top].reduce((low, one) => (events(one) < events(low) ? one : low));
    if (total <= events(least) * MARGIN) return;
    this.#top.delete(least);
    this.#top.add(table);
    this.onDropped(least);
  }
}
