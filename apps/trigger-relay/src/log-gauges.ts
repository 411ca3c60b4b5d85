import { setTimeout as sleep } from 'node:timers/promises';
import { readLogSize, type Connection } from '@tributary/capture';
import type { ServiceContext } from '@tributary/service';

const EVERY_MS = 5_000;

/** The change log's size and the age of its oldest entry as metrics: the log must not grow unseen (R13). */
export class LogGauges {
  #entries = 0;
  #oldestSeconds = 0;

  constructor({ metrics }: ServiceContext) {
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
  }

  /** Refreshes both while this instance leads. */
  async watch(connection: Connection, captureSchema: string, signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        const { entries, oldestSeconds } = await readLogSize(connection, captureSchema);
        this.#entries = entries;
        this.#oldestSeconds = oldestSeconds;
        await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined);
      }
    } finally {
      this.#entries = 0;
      this.#oldestSeconds = 0;
    }
  }
}
