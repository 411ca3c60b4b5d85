import { Inject, Injectable } from '@nestjs/common';
import { Metrics } from '@tributary/service';

/** Which tables are not captured as they should be, as the last look found them (leader only). */
@Injectable()
export class DriftGauge {
  #tables: ReadonlyMap<string, boolean> = new Map();

  constructor(@Inject(Metrics) metrics: Metrics) {
    metrics.observeEach(
      'tributary_capture_drift',
      '1 for a table whose triggers are not as table and sync file ask for, else 0 (leader only)',
      ['table'],
      () => [...this.#tables].map(([table, drifted]) => ({ labels: { table }, value: Number(drifted) })),
    );
  }

  /** Every table that was looked at, and whether it has drifted. */
  found(tables: ReadonlyMap<string, boolean>): void {
    this.#tables = tables;
  }

  /** Another instance leads. */
  clear(): void {
    this.#tables = new Map();
  }
}
