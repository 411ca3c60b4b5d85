import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** The metrics that all services share; docs/metrics.md lists every metric of every process. */
export class Metrics {
  readonly registry = new Registry();

  /** Events by what became of them; docs/metrics.md lists the outcomes. */
  readonly events = new Counter({
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

  /** Observed for the newest event of each batch and table, so that it costs nothing per row. */
  readonly latencySeconds = new Histogram({
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

  constructor(readonly stage: string) {
    // The default precision of 10 ms is a timer that wakes an idle process a hundred times a second.
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: 100 });
    this.trouble.set({ stage }, 0);
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

  /** A gauge with labels whose values are asked for at each scrape; what is not given is not shown. */
  observeEach<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    read: () => readonly { readonly labels: Readonly<Record<Label, string>>; readonly value: number }[],
  ): void {
    new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const { labels, value } of read()) this.set(labels, value);
      },
    });
  }
}
