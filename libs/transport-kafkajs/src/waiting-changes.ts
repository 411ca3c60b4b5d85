import { firstChanges } from '@tributary/contract';
import type { InRecord, OldestChanges } from '@tributary/transport';

interface Waiting {
  /** Fetched and not confirmed, while they are worked on. */
  readonly records: readonly InRecord[];
  /** What is kept of them while they are not: the records themselves are fetched again. */
  readonly first?: OldestChanges;
  /** Records stand behind those that were fetched, and are hardly older than this; UTC milliseconds. */
  readonly beyondMs: number | null;
}

/**
 * The changes of each partition that were fetched, or that are known to stand there, and are not confirmed. It costs
 * nothing a record: only who asks pays, and a batch that failed.
 */
export class WaitingChanges {
  readonly #partitions = new Map<string, Waiting>();

  /** A fetch has brought these records of a partition; `more` stand behind them. */
  fetched(partition: string, records: readonly InRecord[], more: boolean): void {
    const last = records.at(-1);
    const sinceMs = last ? Number(last.timestamp) : (this.#partitions.get(partition)?.beyondMs ?? Date.now());
    this.#partitions.set(partition, { records, beyondMs: more ? sinceMs : null });
  }

  /** The first `count` of them are done. */
  confirmed(partition: string, count: number): void {
    const waiting = this.#partitions.get(partition);
    if (!waiting) return;
    const records = waiting.records.slice(count);
    if (records.length === 0 && waiting.beyondMs === null) this.#partitions.delete(partition);
    else this.#partitions.set(partition, { records, beyondMs: waiting.beyondMs });
  }

  /** Nobody works on them now: they are not kept in memory (R13). */
  released(partition: string): void {
    const waiting = this.#partitions.get(partition);
    if (!waiting || waiting.records.length === 0) return;
    const { records, beyondMs } = waiting;
    this.#partitions.set(partition, { records: [], first: firstChanges(records), beyondMs });
  }

  /** Forgets partitions that others have now. */
  keepOnly(partitions: ReadonlySet<string>): void {
    for (const key of this.#partitions.keys()) if (!partitions.has(key)) this.#partitions.delete(key);
  }

  /** Of all partitions. */
  oldest(): OldestChanges {
    const oldest = new Map<string | undefined, number>();
    const take = (table: string | undefined, ms: number) =>
      oldest.set(table, Math.min(ms, oldest.get(table) ?? Infinity));
    for (const { records, first = firstChanges(records), beyondMs } of this.#partitions.values()) {
      for (const [table, ms] of first) take(table, ms);
      if (beyondMs !== null) take(undefined, beyondMs);
    }
    return oldest;
  }
}
