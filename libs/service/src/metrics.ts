import type { SyncConfig } from '@tributary/sync-config';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { TableLabels } from './table-labels';
import { productVersion } from './version';

/** One line of a gauge with labels. */
export interface GaugeLine<Label extends string> {
  readonly labels: Readonly<Record<Label, string>>;
  readonly value: number;
}

/** What several tables that share a label show. */
export type Fold = (a: number, b: number) => number;
export const sum: Fold = (a, b) => a + b;
export const highest: Fold = Math.max;

/** The metrics that all services share; docs/metrics.md lists every metric of every process. */
export class Metrics {
  readonly registry = new Registry();
  readonly tables: TableLabels;

  /** By what became of them; docs/metrics.md lists the outcomes. */
  readonly #events = new Counter({
    name: 'tributary_events_total',
    help: 'Change events by table and outcome',
    labelNames: ['stage', 'table', 'outcome'],
    registers: [this.registry],
  });

  readonly batchSeconds = new Histogram({
    name: 'tributary_batch_duration_seconds',
    help: 'Time to handle one batch, from its arrival to its acknowledgement',
    labelNames: ['stage'],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
    registers: [this.registry],
  });

  readonly #latencySeconds = new Histogram({
    name: 'tributary_end_to_end_latency_seconds',
    help: 'Time from the change in MySQL to its acknowledgement by this stage',
    labelNames: ['stage', 'table'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300],
    registers: [this.registry],
  });

  readonly trouble = new Gauge({
    name: 'tributary_trouble',
    help: '1 while the service waits for another server, else 0',
    labelNames: ['stage'],
    registers: [this.registry],
  });

  constructor(
    readonly stage: string,
    config: Pick<SyncConfig, 'hash' | 'tableLabels'>,
  ) {
    // The default precision of 10 ms is a timer that wakes an idle process a hundred times a second.
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: 100 });
    this.trouble.set({ stage }, 0);
    this.tables = new TableLabels(config.tableLabels, (table) => void this.#forget(table));
    new Gauge({
      name: 'tributary_build_info',
      help: '1; the version of the program, and the hash of its sync file',
      labelNames: ['version', 'config'],
      registers: [this.registry],
    }).set({ version: productVersion, config: config.hash }, 1);
  }

  /** Counts events of a table; once for each batch, table and outcome, so that it costs nothing per row. */
  count(table: string, outcome: string, events = 1): void {
    this.tables.count(table, events);
    this.#events.inc({ stage: this.stage, ...this.label(table), outcome }, events);
  }

  /** Notes how old a change is now that it is acknowledged: the newest of each batch and table. */
  acknowledged(table: string, changedAtMs: number): void {
    const seconds = Math.max(0, Date.now() - changedAtMs) / 1000;
    this.#latencySeconds.observe({ stage: this.stage, ...this.label(table) }, seconds);
  }

  /** How many events were counted, by outcome. */
  async outcomes(): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { labels, value } of (await this.#events.get()).values)
      counts[labels.outcome!] = (counts[labels.outcome!] ?? 0) + value;
    return counts;
  }

  /** The `table` label of a metric, as the sync file wants it. */
  label(table: string): { readonly table?: string } {
    const label = this.tables.of(table);
    return label === undefined ? {} : { table: label };
  }

  /** A gauge whose value is asked for at each scrape. */
  observe(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }

  /**
   * A gauge with labels whose values are asked for at each scrape; what is not given is not shown. Lines that are alike,
   * as those of tables that share a label are, become one by `fold`.
   */
  observeEach<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    read: () => Iterable<GaugeLine<Label>>,
    fold: Fold = highest,
  ): void {
    const lines = () => this.#folded(read(), fold);
    new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const { labels, value } of lines()) this.set(labels as Record<Label, string>, value);
      },
    });
  }

  #folded<Label extends string>(read: Iterable<GaugeLine<Label>>, fold: Fold) {
    const lines = new Map<string, { labels: Record<string, string>; value: number }>();
    for (const { labels: all, value } of read) {
      const { table, ...others }: Record<string, string> = all;
      const labels = table === undefined ? others : { ...this.label(table), ...others };
      const key = JSON.stringify(Object.entries(labels).sort());
      const known = lines.get(key);
      if (known) known.value = fold(known.value, value);
      else lines.set(key, { labels, value });
    }
    return lines.values();
  }

  /** A table has its label no longer. */
  async #forget(table: string): Promise<void> {
    for (const metric of [this.#events, this.#latencySeconds]) {
      const { values } = await (metric as Counter | Histogram).get();
      for (const { labels } of values as { labels: Record<string, string> }[])
        if (labels['table'] === table) {
          const own = { ...labels };
          delete own['le'];
          metric.remove(own);
        }
    }
  }
}
