import { Inject, Injectable } from '@nestjs/common';
import { pause } from '@tributary/kernel';
import { listParked, readLogSize, type Connection, type ParkedTable } from '@tributary/capture';
import { Metrics } from '@tributary/service';

const EVERY_MS = 5_000;

/** The change log's size and the age of its oldest entry as metrics: the log must not grow unseen (R13). */
@Injectable()
export class LogGauges {
  #entries = 0;
  #oldestSeconds = 0;
  #lookSeconds: () => number = () => 0;
  #parked: readonly ParkedTable[] = [];

  constructor(@Inject(Metrics) metrics: Metrics) {
    metrics.observe(
      'tributary_change_log_entries',
      'Entries that wait in the change log, at most (leader only, else 0)',
      () => this.#entries,
    );
    metrics.observe(
      'tributary_change_log_oldest_seconds',
      'Age of the oldest entry in the change log (leader only, else 0)',
      () => this.#oldestSeconds,
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
        this.#entries = entries;
        this.#oldestSeconds = oldestSeconds;
        this.#parked = await listParked(connection, captureSchema);
        await pause(EVERY_MS, signal);
      }
    } finally {
      this.#entries = 0;
      this.#oldestSeconds = 0;
      this.#lookSeconds = () => 0;
      this.#parked = [];
    }
  }
}
