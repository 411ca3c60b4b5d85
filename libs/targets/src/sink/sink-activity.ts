import type { TableActivity } from '@tributary/kafka';
import type { Rejected, SinkBatch, SinkRecord, SinkReport } from './sink-handler';
import type { SinkHost } from './sink-host';

interface Activity {
  events: number;
  lastVersion: string;
  lastTsMs: number;
  eventsBefore: number;
}

/** Metrics, log lines and heartbeat figures of handled batches: nothing here costs per row. */
export class SinkActivity {
  readonly #tables = new Map<string, Activity>();
  #since = Date.now();

  constructor(private readonly host: Pick<SinkHost, 'metrics' | 'log'>) {}

  batch<R extends SinkRecord>(batch: SinkBatch<R>, report: SinkReport<R>, seconds: number): void {
    const { stage, events, latencySeconds, batchSeconds } = this.host.metrics;
    const { topic, partition } = batch;
    batchSeconds.observe({ stage }, seconds);
    for (const [table, summary] of report.tables) {
      if (summary.applied > 0) {
        events.inc({ stage, table, outcome: 'applied' }, summary.applied);
        latencySeconds.observe({ stage, table }, Math.max(0, Date.now() - summary.newestTsMs) / 1000);
      }
      if (summary.stale > 0) events.inc({ stage, table, outcome: 'stale' }, summary.stale);
      this.#note(table, summary.applied + summary.stale, summary);
    }
    for (const { table = 'unknown' } of report.rejected) events.inc({ stage, table, outcome: 'dead_letter' });
    if (report.rejected.length > 0) this.#logRejected(batch, report.rejected);
    if (report.controlRecords > 0)
      this.host.log.debug({ topic, partition, records: report.controlRecords }, 'Control records passed by');
  }

  /** Figures since the last call, for a heartbeat. */
  tables(): Record<string, TableActivity> {
    const now = Date.now();
    const seconds = Math.max(0.001, (now - this.#since) / 1000);
    this.#since = now;
    return Object.fromEntries(
      [...this.#tables].map(([table, activity]) => {
        const { events, lastVersion, lastTsMs, eventsBefore } = activity;
        activity.eventsBefore = events;
        return [table, { events, perSecond: (events - eventsBefore) / seconds, lastVersion, lastTsMs }];
      }),
    );
  }

  #note(table: string, events: number, newest: { newestVersion: string; newestTsMs: number }): void {
    let activity = this.#tables.get(table);
    if (!activity)
      this.#tables.set(table, (activity = { events: 0, lastVersion: '', lastTsMs: 0, eventsBefore: 0 }));
    activity.events += events;
    if (newest.newestVersion <= activity.lastVersion) return;
    activity.lastVersion = newest.newestVersion;
    activity.lastTsMs = newest.newestTsMs;
  }

  #logRejected<R extends SinkRecord>({ topic, partition }: SinkBatch<R>, rejected: readonly Rejected<R>[]) {
    const codes: Record<string, number> = {};
    for (const { rejection } of rejected) codes[rejection.code] = (codes[rejection.code] ?? 0) + 1;
    const [first] = rejected;
    this.host.log.warn(
      { topic, partition, codes, firstOffset: first!.record.offset, firstReason: first!.rejection.reason },
      `${rejected.length} event(s) went to the dead letters: see "tributary dlq list"`,
    );
  }
}
