import type { OldestChanges } from '@tributary/transport';
import type { GaugeLine, Metrics } from './metrics';

/** The `table` of what waits and cannot be told to be a table's. */
const UNKNOWN = 'unknown';

/** What a stage has not applied, as this process knows it. */
export interface StageLag {
  readonly stage: string;
  readonly oldest: OldestChanges;
}

/**
 * Registers the age of the oldest change that a stage has not applied, by table: taken at each scrape, so that it rises
 * while nothing is applied. Tables of which nothing waits show 0 once they had events.
 */
export function observeLag(
  metrics: Metrics,
  read: () => Iterable<StageLag>,
  /** Names in damaged messages must not make labels without end. */
  isTable: (table: string) => boolean,
): void {
  const line = (stage: string, table: string, value: number): GaugeLine<'stage' | 'table'> => ({
    labels: { stage, table },
    value,
  });
  metrics.observeEach(
    'tributary_lag_seconds',
    'Age of the oldest change that the stage has not applied; 0 when nothing waits',
    ['stage', 'table'],
    function* () {
      const now = Date.now();
      for (const table of metrics.tables.seen()) yield line(metrics.stage, table, 0);
      for (const { stage, oldest } of read())
        for (const [table, ms] of oldest)
          yield line(
            stage,
            table !== undefined && isTable(table) ? table : UNKNOWN,
            Math.max(0, now - ms) / 1000,
          );
    },
  );
}
