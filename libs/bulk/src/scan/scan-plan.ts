import type { TablePlan } from '@tributary/capture';
import { keyColumns, rowCodec, type WireRow } from '@tributary/contract';
import { boundByNumber, type KeyBound } from '@tributary/snapshot';
import { planRanges } from '../load/range-plan';
import { scanRules } from './scan-source';
import type { ScanTask } from './scan-task';
import type { ScanSource } from './scanned-tables';

/** Tasks of one table by the mode of the worker that does them. */
export type ScanPlan = Readonly<Record<string, readonly ScanTask[]>>;

export interface ScanPlanInput {
  readonly targets: readonly string[];
  /** Place of the table in the statement. */
  readonly at: number;
  /** Of a range of the source. */
  readonly rows: number;
  /** Of a part of a target that can be divided: some servers of MongoDB's protocol look at all documents for each range. */
  readonly partRows: number;
}

/** Divides a table, and what these targets hold for it. Throws a fatal SyncError for a target that cannot be scanned. */
export async function scanPlan(
  { mysqlUrl, config }: ScanSource,
  plan: TablePlan,
  { targets, at, rows, partRows }: ScanPlanInput,
): Promise<ScanPlan> {
  const { table, fingerprint } = plan.schema;
  const common = { at, table, fingerprint, config: config.hash };
  const ranges = [];
  for await (const range of planRanges(mysqlUrl, plan, rows)) ranges.push(range);
  const step = Math.max(1, Math.round(partRows / rows));
  const bounds = ranges.flatMap(({ upper }, nth) => (upper && (nth + 1) % step === 0 ? [upper] : []));
  const keys = keysAt(plan, bounds);
  const parts = (target: string) => scanRules(target).parts(plan, keys);
  return {
    'scan-source': ranges.map((range) => ({ ...common, targets, ...range })),
    ...Object.fromEntries(
      targets.map((target) => [`scan-${target}`, parts(target).map((part) => ({ ...common, part }))]),
    ),
  };
}

/** The keys at the bounds; none where a bound is a member's number. */
function keysAt({ schema }: TablePlan, bounds: readonly NonNullable<KeyBound>[]): WireRow[] {
  if (keyColumns(schema).some(boundByNumber)) return [];
  const codec = rowCodec(schema);
  return bounds.map((bound) => JSON.parse(codec.key(bound)) as WireRow);
}
