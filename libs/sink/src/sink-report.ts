import type { ActivityMeter, ServiceContext } from '@tributary/service';
import type { Feed, Loss, Rejected, SinkRecord, SinkReport as Report, SweepReport } from '@tributary/targets';

/** Metrics, log lines and heartbeat figures of handled rounds: nothing here costs per row. */
export class SinkReport {
  constructor(
    private readonly context: Pick<ServiceContext, 'metrics' | 'log'>,
    private readonly activity: ActivityMeter,
  ) {}

  /** How long bulk records wait says nothing of live changes: only their number is told. */
  round<R extends SinkRecord>(feed: Feed, report: Report<R>, seconds: number): void {
    const { metrics } = this.context;
    const isLive = feed === 'live';
    if (isLive) metrics.batchSeconds.observe({ stage: metrics.stage }, seconds);
    for (const [table, summary] of report.tables) {
      const { applied, stale, suspended, paused, excluded, newestTsMs, newestVersion } = summary;
      if (applied > 0) {
        metrics.count(table, 'applied', applied);
        if (isLive) metrics.acknowledged(table, newestTsMs);
      }
      if (stale > 0) metrics.count(table, 'stale', stale);
      if (suspended > 0) metrics.count(table, 'suspended', suspended);
      if (paused > 0) metrics.count(table, 'paused', paused);
      if (excluded > 0) metrics.count(table, 'excluded', excluded);
      if (applied + stale > 0)
        this.activity.note(
          table,
          applied + stale,
          isLive && newestVersion ? { version: newestVersion, tsMs: newestTsMs } : undefined,
        );
    }
    for (const { table = 'unknown' } of report.rejected) metrics.count(table, 'dead_letter');
    for (const batch of new Set(report.rejected.map((one) => one.batch)))
      this.#rejected(report.rejected.filter((one) => one.batch === batch));
    for (const sweep of report.sweeps) this.#sweep(sweep);
  }

  /** The target holds less than it was given (R12). */
  loss(topic: string, { partition, stands, offset, needsSnapshot, inDoubt }: Loss): void {
    const place = {
      topic,
      partition,
      stands: stands === null ? null : String(stands),
      offset: String(offset),
    };
    const fields = { event: inDoubt ? 'target-in-doubt' : 'target-lost-tail', ...place };
    if (needsSnapshot)
      this.context.log.error(
        fields,
        `The target lacks events of partition ${partition} that Kafka may not have any more: they are read again from the oldest on, and every table is loaded again`,
      );
    else if (inDoubt)
      this.context.log.info(
        fields,
        `The target was away for a moment: what it had not noted of partition ${partition} is applied again`,
      );
    else
      this.context.log.warn(
        fields,
        `The target has lost its newest events of partition ${partition}; they are read again from there`,
      );
  }

  #sweep({ table, job, removed, refused }: SweepReport): void {
    const { metrics, log } = this.context;
    if (removed > 0) metrics.count(table, 'swept', removed);
    const fields = { event: 'sweep', table, load: job, removed };
    if (refused === undefined)
      log.info(
        fields,
        `load ${job} of ${table} is complete: ${removed} row(s) that the source no longer has were removed`,
      );
    else
      log.warn(fields, `load ${job} of ${table} removed no rows that the source no longer has: ${refused}`);
  }

  /** Of one batch. */
  #rejected<R extends SinkRecord>(rejected: readonly Rejected<R>[]): void {
    const { topic, partition } = rejected[0]!.batch;
    const codes: Record<string, number> = {};
    for (const { rejection } of rejected) codes[rejection.code] = (codes[rejection.code] ?? 0) + 1;
    const [first] = rejected;
    this.context.log.warn(
      { topic, partition, codes, firstOffset: first!.record.offset, firstReason: first!.rejection.reason },
      `${rejected.length} event(s) went to the dead letters: see "tributary dlq list"`,
    );
  }
}
