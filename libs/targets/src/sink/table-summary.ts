import { isNewer, type Version } from '@tributary/contract';
import type { RowChange } from '../row-change';

/** What became of one table's changes in a round. */
export interface TableSummary {
  applied: number;
  stale: number;
  rejected: number;
  /** Left out: the table is suspended. */
  suspended: number;
  /** Left out for now: the table is paused. */
  paused: number;
  /** Left out: the sync file excludes the table. */
  excluded: number;
  /** The newest applied change: when it was made on the source (UTC milliseconds), and its version. */
  newestTsMs: number;
  newestVersion: Version | undefined;
}

export function summaryOf(tables: Map<string, TableSummary>, table: string): TableSummary {
  let summary = tables.get(table);
  if (!summary)
    tables.set(
      table,
      (summary = {
        ...{ applied: 0, stale: 0, rejected: 0, suspended: 0, paused: 0, excluded: 0 },
        ...{ newestTsMs: 0, newestVersion: undefined },
      }),
    );
  return summary;
}

export function count(
  tables: Map<string, TableSummary>,
  change: RowChange,
  kind: 'applied' | 'stale' | 'rejected' | 'suspended' | 'paused',
): void {
  const summary = summaryOf(tables, change.table.table);
  summary[kind] += 1;
  const { newestVersion } = summary;
  if (kind !== 'applied' || (newestVersion !== undefined && !isNewer(change.version, newestVersion))) return;
  summary.newestVersion = change.version;
  summary.newestTsMs = change.tsMs;
}
