import { Inject, Injectable } from '@nestjs/common';
import { readVerifiedAges, type Connection } from '@tributary/capture';
import { pause } from '@tributary/kernel';
import { Metrics } from '@tributary/service';
import { SyncConfig, targetSettings } from '@tributary/sync-config';

const EVERY_MS = 10_000;

/** For how long no table was compared with its targets, as the record of verifications tells; it rises by itself. */
@Injectable()
export class VerifyGauge {
  /** When the oldest of each table's comparisons began, on the clock of this machine. */
  #verified: ReadonlyMap<string, number> = new Map();

  constructor(
    @Inject(Metrics) metrics: Metrics,
    @Inject(SyncConfig) private readonly config: SyncConfig,
  ) {
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
        const verified = new Map<string, number>();
        for (const { table, target, seconds } of await readVerifiedAges(connection, captureSchema))
          if (this.#goesTo(table, target))
            verified.set(table, Math.min(verified.get(table) ?? Infinity, Date.now() - seconds * 1000));
        this.#verified = verified;
        await pause(EVERY_MS, signal);
      }
    } finally {
      this.#verified = new Map();
    }
  }

  /** What left the sync file is compared no more, and must not age for ever. */
  #goesTo(table: string, target: string): boolean {
    const settings = this.config.table(table);
    const used = this.config.targets.find(({ name }) => name === target);
    return settings !== undefined && used !== undefined && targetSettings(settings, used.name).enabled;
  }
}
