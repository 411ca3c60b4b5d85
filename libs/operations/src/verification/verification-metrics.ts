import { differenceKinds } from '@tributary/targets';
import type { Metrics } from '@tributary/service';
import { Counter, Gauge } from 'prom-client';
import type { VerificationResult } from './verification-result';

type Label = 'table' | 'target';

/** What continuous verification tells Prometheus. */
export class VerificationMetrics {
  readonly #rows: Counter<Label>;
  readonly #differences: Gauge<Label | 'kind'>;
  readonly #remaining: Gauge<Label>;
  readonly #unsettled: Gauge<Label>;
  readonly #passes: Counter<'outcome'>;
  readonly #passedAt: Gauge;
  readonly #passSeconds: Gauge;

  constructor(private readonly metrics: Pick<Metrics, 'registry' | 'label'>) {
    const registers = [metrics.registry];
    const labelNames = ['table', 'target'] as const;
    this.#rows = new Counter({
      name: 'tributary_verify_rows_total',
      help: 'Rows compared',
      labelNames,
      registers,
    });
    this.#differences = new Gauge({
      name: 'tributary_verify_differences',
      help: 'Differences that the last whole pass found, by kind',
      labelNames: [...labelNames, 'kind'],
      registers,
    });
    this.#remaining = new Gauge({
      name: 'tributary_verify_differences_left',
      help: 'Differences of the last whole pass that its repair has not mended',
      labelNames,
      registers,
    });
    this.#unsettled = new Gauge({
      name: 'tributary_verify_unsettled',
      help: 'Rows of the last whole pass that changed at every look, so that nothing was proven of them',
      labelNames,
      registers,
    });
    this.#passes = new Counter({
      name: 'tributary_verify_passes_total',
      help: 'Passes over all tables by outcome: equal, different, failed',
      labelNames: ['outcome'],
      registers,
    });
    this.#passedAt = new Gauge({
      name: 'tributary_verify_last_pass_timestamp_seconds',
      help: 'When the last whole pass ended, seconds since 1970',
      registers,
    });
    this.#passSeconds = new Gauge({
      name: 'tributary_verify_last_pass_duration_seconds',
      help: 'How long the last whole pass took',
      registers,
    });
  }

  ran({ reports, seconds }: VerificationResult): void {
    // Tables that are no longer verified must not keep their last value.
    this.#differences.reset();
    this.#remaining.reset();
    this.#unsettled.reset();
    let left = 0;
    for (const report of reports) {
      // Tables that share a label are one line.
      const labels = { ...this.metrics.label(report.table), target: report.target };
      this.#rows.inc(labels, report.rows);
      const found = differenceKinds.map((kind) => ({ kind, count: report[kind] }));
      for (const { kind, count } of found) this.#differences.inc({ ...labels, kind }, count);
      const open = found.reduce((sum, { count }) => sum + count, 0) - report.repaired;
      this.#remaining.inc(labels, open);
      this.#unsettled.inc(labels, report.unsettled);
      left += open;
    }
    this.#passes.inc({ outcome: left === 0 ? 'equal' : 'different' });
    this.#passedAt.setToCurrentTime();
    this.#passSeconds.set(seconds);
  }

  failed(): void {
    this.#passes.inc({ outcome: 'failed' });
  }
}
