import { Inject, Injectable } from '@nestjs/common';
import { ActivityMeter, LOGGER, Metrics, type Logger } from '@tributary/service';
import { TrustedSchemas, type RejectedRecord, type RoundOutcome } from '@tributary/validation';

/** Metrics and log lines of handled rounds. */
@Injectable()
export class ValidatorReport {
  constructor(
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(LOGGER) private readonly log: Logger,
    @Inject(TrustedSchemas) private readonly schemas: Pick<TrustedSchemas, 'has'>,
    @Inject(ActivityMeter) private readonly activity: ActivityMeter,
  ) {}

  round(outcome: RoundOutcome, seconds: number): void {
    this.metrics.batchSeconds.observe({ stage: this.metrics.stage }, seconds);
    for (const [table, { events, newestTsMs }] of byTable(outcome)) {
      this.activity.note(table, events, { version: '', tsMs: newestTsMs });
      this.metrics.count(table, 'forwarded', events);
      this.metrics.acknowledged(table, newestTsMs);
    }
    this.#left(outcome);
  }

  /** Of bulk records. How long they wait says nothing of live changes: only their number is told. */
  loads(outcome: RoundOutcome): void {
    for (const [table, { events }] of byTable(outcome)) {
      this.activity.note(table, events);
      this.metrics.count(table, 'forwarded', events);
    }
    this.#left(outcome);
  }

  /** What did not go on. */
  #left(outcome: RoundOutcome): void {
    for (const { table } of outcome.rejected) this.metrics.count(this.#label(table), 'dead_letter');
    for (const table of outcome.excluded) this.metrics.count(this.#label(table), 'excluded');
    for (const batch of new Set(outcome.rejected.map((one) => one.batch)))
      this.#logRejected(outcome.rejected.filter((one) => one.batch === batch));
  }

  /** Only tables whose schema is known: names in bad messages must not make labels without end. */
  #label(table: string | undefined): string {
    return table !== undefined && this.schemas.has(table) ? table : 'unknown';
  }

  /** Of one batch. */
  #logRejected(rejected: readonly RejectedRecord[]): void {
    const { topic, partition } = rejected[0]!.batch;
    const codes: Record<string, number> = {};
    for (const { rejection } of rejected) codes[rejection.code] = (codes[rejection.code] ?? 0) + 1;
    const [first] = rejected;
    this.log.warn(
      { topic, partition, codes, firstOffset: first!.record.offset, firstReason: first!.rejection.reason },
      `${rejected.length} event(s) went to the dead letters: see "tributary dlq list"`,
    );
  }
}

function byTable({ forwarded }: RoundOutcome): Map<string, { events: number; newestTsMs: number }> {
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
