import type { RecordBatch } from '@tributary/kafka';
import type { ActivityMeter, Logger, Metrics } from '@tributary/service';
import type { BatchOutcome } from './batch-validator';
import type { TrustedSchemas } from './trusted-schemas';

/** Metrics and log lines of handled batches. */
export class ValidatorReport {
  constructor(
    private readonly metrics: Metrics,
    private readonly log: Logger,
    private readonly schemas: Pick<TrustedSchemas, 'has'>,
    private readonly activity: ActivityMeter,
  ) {}

  batch(batch: RecordBatch, outcome: BatchOutcome, seconds: number): void {
    const { stage } = this.metrics;
    this.metrics.batchSeconds.observe({ stage }, seconds);
    for (const [table, { events, newestTsMs }] of byTable(outcome)) {
      this.activity.note(table, events);
      this.metrics.events.inc({ stage, table, outcome: 'forwarded' }, events);
      this.metrics.latencySeconds.observe({ stage, table }, Math.max(0, Date.now() - newestTsMs) / 1000);
    }
    for (const { table } of outcome.rejected)
      this.metrics.events.inc({ stage, table: this.#label(table), outcome: 'dead_letter' });
    for (const table of outcome.excluded)
      this.metrics.events.inc({ stage, table: this.#label(table), outcome: 'excluded' });
    if (outcome.rejected.length > 0) this.#logRejected(batch, outcome);
  }

  /** Only tables whose schema is known: names in bad messages must not make labels without end. */
  #label(table: string | undefined): string {
    return table !== undefined && this.schemas.has(table) ? table : 'unknown';
  }

  #logRejected({ topic, partition }: RecordBatch, { rejected }: BatchOutcome): void {
    const codes: Record<string, number> = {};
    for (const { rejection } of rejected) codes[rejection.code] = (codes[rejection.code] ?? 0) + 1;
    const [first] = rejected;
    this.log.warn(
      { topic, partition, codes, firstOffset: first!.record.offset, firstReason: first!.rejection.reason },
      `${rejected.length} event(s) went to the dead letters: see "tributary dlq list"`,
    );
  }
}

function byTable({ forwarded }: BatchOutcome): Map<string, { events: number; newestTsMs: number }> {
  const tables = new Map<string, { events: number; newestTsMs: number }>();
  for (const { table, tsMs } of forwarded) {
    const entry = tables.get(table);
    if (entry) {
      entry.events += 1;
      entry.newestTsMs = tsMs;
    } else tables.set(table, { events: 1, newestTsMs: tsMs });
  }
  return tables;
}
