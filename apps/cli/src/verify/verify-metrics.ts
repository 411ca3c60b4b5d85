import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fatal } from '@tributary/change-event';
import { differenceKinds } from '@tributary/verify';
import { Counter, Gauge, Registry } from 'prom-client';
import type { Found } from './pass';

/** What continuous verification tells Prometheus. */
export class VerifyMetrics {
  readonly registry = new Registry();
  readonly #labels = ['table', 'target'] as const;

  readonly #rows = new Counter({
    name: 'tributary_verify_rows_total',
    help: 'Rows compared',
    labelNames: this.#labels,
    registers: [this.registry],
  });

  readonly #differences = new Gauge({
    name: 'tributary_verify_differences',
    help: 'Differences that the last whole pass found, by kind',
    labelNames: [...this.#labels, 'kind'],
    registers: [this.registry],
  });

  readonly #remaining = new Gauge({
    name: 'tributary_verify_differences_left',
    help: 'Differences of the last whole pass that its repair has not mended',
    labelNames: this.#labels,
    registers: [this.registry],
  });

  readonly #unsettled = new Gauge({
    name: 'tributary_verify_unsettled',
    help: 'Rows of the last whole pass that changed at every look, so that nothing was proven of them',
    labelNames: this.#labels,
    registers: [this.registry],
  });

  readonly #passes = new Counter({
    name: 'tributary_verify_passes_total',
    help: 'Passes over all tables by outcome: equal, different, failed',
    labelNames: ['outcome'],
    registers: [this.registry],
  });

  readonly #passedAt = new Gauge({
    name: 'tributary_verify_last_pass_timestamp_seconds',
    help: 'When the last whole pass ended, seconds since 1970',
    registers: [this.registry],
  });

  readonly #passSeconds = new Gauge({
    name: 'tributary_verify_last_pass_duration_seconds',
    help: 'How long the last whole pass took',
    registers: [this.registry],
  });

  passed({ reports, seconds }: Found): void {
    // Tables that are no longer verified must not keep their last value.
    this.#differences.reset();
    this.#remaining.reset();
    this.#unsettled.reset();
    let left = 0;
    for (const report of reports) {
      const labels = { table: report.table, target: report.target };
      this.#rows.inc(labels, report.rows);
      const found = differenceKinds.map((kind) => ({ kind, count: report[kind] }));
      for (const { kind, count } of found) this.#differences.set({ ...labels, kind }, count);
      const open = found.reduce((sum, { count }) => sum + count, 0) - report.repaired;
      this.#remaining.set(labels, open);
      this.#unsettled.set(labels, report.unsettled);
      left += open;
    }
    this.#passes.inc({ outcome: left === 0 ? 'equal' : 'different' });
    this.#passedAt.setToCurrentTime();
    this.#passSeconds.set(seconds);
  }

  failed(): void {
    this.#passes.inc({ outcome: 'failed' });
  }

  /** Serves `/metrics` and `/health`; throws a fatal SyncError when the port cannot be had. */
  async serve(port: number): Promise<{ readonly port: number; close(): void }> {
    const server = createServer((request, response) => {
      const path = request.url?.split('?')[0];
      if (path === '/health') response.end('{"status":"ok"}\n');
      else if (path !== '/metrics') response.writeHead(404).end();
      else
        this.registry.metrics().then(
          (text) => response.setHeader('content-type', this.registry.contentType).end(text),
          () => response.writeHead(500).end(),
        );
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', ({ message }) =>
        reject(fatal('PORT', `The port ${port} cannot be had (${message}): choose another --port.`)),
      );
      server.listen(port, resolve);
    });
    return {
      port: (server.address() as AddressInfo).port,
      close() {
        server.close();
        server.closeAllConnections();
      },
    };
  }
}
