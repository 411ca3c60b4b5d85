import { Inject, Injectable } from '@nestjs/common';
import { pause } from '@tributary/kernel';
import {
  listParked,
  readLogSize,
  readOldestEntries,
  readOldestParked,
  type Connection,
  type ParkedTable,
} from '@tributary/capture';
import { Metrics, PausedTables } from '@tributary/service';

const EVERY_MS = 3_000;

/** What was seen of the change log last. */
interface Seen {
  readonly entries: number;
  /** When the oldest entry was written, on the clock of this machine. */
  readonly oldestMs: number | null;
  readonly tables: ReadonlyMap<string, number>;
}

const NOTHING: Seen = { entries: 0, oldestMs: null, tables: new Map() };

/**
 * The change log's size and the age of its oldest entries as metrics: the log must not grow unseen (R13). When the source
 * goes away, what was seen last stays and ages, until another instance leads.
 */
@Injectable()
export class LogGauges {
  #seen = NOTHING;
  #lookSeconds: () => number = () => 0;
  #parked: readonly ParkedTable[] = [];

  constructor(
    @Inject(Metrics) metrics: Metrics,
    @Inject(PausedTables) private readonly paused: PausedTables,
  ) {
    metrics.observe(
      'tributary_change_log_entries',
      'Entries that wait in the change log, at most (leader only, else 0)',
      () => this.#seen.entries,
    );
    metrics.observe(
      'tributary_change_log_oldest_seconds',
      'Age of the oldest entry in the change log (leader only, else 0)',
      () => (this.#seen.oldestMs === null ? 0 : Math.max(0, Date.now() - this.#seen.oldestMs) / 1000),
    );
    metrics.observe(
      'tributary_log_look_seconds',
      'How long the last look at the whole change log took while it was (nearly) empty (leader only, else 0)',
      () => this.#lookSeconds(),
    );
    metrics.observeEach(
      'tributary_parked_entries',
      'Entries of a paused table that wait aside, out of the change log',
      ['table'],
      () => this.#parked.map(({ table, entries }) => ({ labels: { table }, value: entries })),
    );
    metrics.observeEach(
      'tributary_parked_bytes',
      'Bytes of the keys and images of those entries',
      ['table'],
      () => this.#parked.map(({ table, bytes }) => ({ labels: { table }, value: bytes })),
    );
  }

  /** For each table with entries that should be published, when the oldest of them was written. */
  get oldest(): ReadonlyMap<string, number> {
    return this.#seen.tables;
  }

  /** Refreshes them while this instance leads. */
  async watch(
    connection: Connection,
    captureSchema: string,
    lookSeconds: () => number,
    signal: AbortSignal,
  ): Promise<void> {
    this.#lookSeconds = lookSeconds;
    try {
      while (!signal.aborted) {
        const { entries, oldestSeconds } = await readLogSize(connection, captureSchema);
        this.#parked = await listParked(connection, captureSchema);
        const ages =
          entries > 0 ? await readOldestEntries(connection, captureSchema) : new Map<string, number>();
        if (this.#parked.length > 0)
          for (const [table, seconds] of await this.#late(connection, captureSchema))
            ages.set(table, seconds);
        const ago = (seconds: number) => Date.now() - seconds * 1000;
        this.#seen = {
          entries,
          oldestMs: entries > 0 ? ago(oldestSeconds) : null,
          tables: new Map([...ages].map(([table, seconds]) => [table, ago(seconds)])),
        };
        await pause(EVERY_MS, signal);
      }
    } finally {
      this.#lookSeconds = () => 0;
      this.#parked = [];
    }
  }

  /** The ages of what waits aside though its table is paused no longer; that is older than what the log has of it. */
  async #late(connection: Connection, captureSchema: string): Promise<(readonly [string, number])[]> {
    const waiting = await readOldestParked(connection, captureSchema);
    return [...waiting].filter(([table]) => !this.paused.isPaused(table));
  }

  /** Another instance leads. */
  clear(): void {
    this.#seen = NOTHING;
  }
}
