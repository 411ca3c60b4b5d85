import { Inject, Injectable } from '@nestjs/common';
import { readVerifiedAges, type Connection } from '@tributary/capture';
import { pause } from '@tributary/kernel';
import { Metrics } from '@tributary/service';

const EVERY_MS = 10_000;

/** For how long no table was compared with its targets, as the record of verifications tells; it rises by itself. */
@Injectable()
export class VerifyGauge {
  /** When the oldest of each table's comparisons began, on the clock of this machine. */
  #verified: ReadonlyMap<string, number> = new Map();

  constructor(@Inject(Metrics) metrics: Metrics) {
    metrics.observeEach(
      'tributary_verify_age_seconds',
      'Seconds since the last whole comparison of a table with its targets began',
      ['table'],
      () =>
        [...this.#verified].map(([table, at]) => ({
          labels: { table },
          value: Math.max(0, Date.now() - at) / 1000,
        })),
    );
  }

  /** Refreshes it while this instance leads. */
  async watch(connection: Connection, captureSchema: string, signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        const ages = await readVerifiedAges(connection, captureSchema);
        const ago = (seconds: number) => Date.now() - seconds * 1000;
        this.#verified = new Map([...ages].map(([table, seconds]) => [table, ago(seconds)]));
        await pause(EVERY_MS, signal);
      }
    } finally {
      this.#verified = new Map();
    }
  }
}
