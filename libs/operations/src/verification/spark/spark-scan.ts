import type { TablePlan } from '@tributary/capture';
import {
  bucketSetText,
  rangeRows,
  scanPlan,
  sumsSql,
  type ListSums,
  type ScanPlan,
  type ScanSource,
} from '@tributary/bulk';
import { transformSql, type StatementProgress } from '@tributary/spark';
import type { TargetName } from '@tributary/sync-config';
import type { ScannedSide } from '@tributary/verify';
import type { Engine } from '../../bulk/engine';
import { ScanCandidates } from './scan-candidates';

/** A table that is scanned. */
export interface ScanTable {
  readonly plan: TablePlan;
  readonly targets: readonly TargetName[];
  /** Estimated. */
  readonly rows: number;
}

export interface ScanOptions {
  readonly source: ScanSource;
  readonly signal: AbortSignal;
  /** Of a range; default: by the table's size and the cluster's slots. */
  readonly rangeRows?: number | undefined;
  readonly mostCandidates?: number | undefined;
  /** `again`: what differs in the first scan is scanned again. */
  readonly onProgress: (pass: 'first' | 'again', progress: StatementProgress) => void;
}

/** Candidates of a table in a target that are looked at: bounds the memory and the time of the command. */
const MOST_CANDIDATES = 100_000;

/** Rows of a part of a target. */
const PART_ROWS = 1_000_000;

/** What a scan has found. */
export interface Scanned {
  /** Of one of its tables, by target. */
  of(table: string): Promise<ReadonlyMap<TargetName, ScannedSide>>;
  /** Frees what Spark keeps of it. */
  forget(): Promise<void>;
}

/** A table with the tasks that scan it. */
interface Scanning extends ScanTable {
  readonly tasks: ScanPlan;
}

/**
 * Compares tables with their targets by digests, on Spark. A first statement adds them up by bucket; only where a table differs a
 * second one reads it again, and tells what stands in the buckets that differ. Throws a SyncError.
 */
export async function sparkScan(
  engine: Engine,
  tables: readonly ScanTable[],
  { source, signal, rangeRows: wanted, mostCandidates = MOST_CANDIDATES, onProgress }: ScanOptions,
): Promise<Scanned> {
  const started = performance.now();
  const scanning: Scanning[] = [];
  for (const [at, table] of tables.entries()) {
    const rows = wanted ?? rangeRows(table.rows, engine.slots);
    scanning.push({
      ...table,
      tasks: await scanPlan(source, table.plan, {
        targets: table.targets,
        at,
        rows,
        partRows: wanted ?? PART_ROWS,
      }),
    });
  }
  const sums = (await engine.session.rows(sumsSql(statements(engine, scanning)), {
    signal,
    onProgress: (progress) => onProgress('first', progress),
  })) as unknown as ListSums[];
  const again = scanning.flatMap(
    (table, at) =>
      differing(
        table,
        sums.filter((list) => list.at === at),
      ) ?? [],
  );
  const candidates = new ScanCandidates(engine.session, signal, mostCandidates);
  if (again.length > 0)
    await candidates.find(statements(engine, again), (progress) => onProgress('again', progress));
  const seconds = (performance.now() - started) / 1000;
  return {
    async of(table) {
      const at = scanning.findIndex(({ plan }) => plan.schema.table === table);
      const sides = new Map<TargetName, ScannedSide>();
      for (const target of scanning[at]!.targets) {
        // Every row has one entry in the first list of a target.
        const first = sums.find((list) => list.at === at && list.target === target && list.list === 0);
        const rows = Number(first?.expected ?? 0);
        sides.set(target, { rows, seconds, ...(await candidates.of(at, target)) });
      }
      return sides;
    },
    forget: () => candidates.forget(),
  };
}

/** The tasks that read a table again, for those of its targets and buckets that differ; `undefined`: none does. */
function differing(table: Scanning, lists: readonly ListSums[]): Scanning | undefined {
  const differ = lists.filter(({ buckets }) => buckets.length > 0);
  if (differ.length === 0) return undefined;
  const targets = table.targets.filter((target) => differ.some((list) => list.target === target));
  const buckets = bucketSetText(differ.flatMap((list) => list.buckets));
  const modes = ['scan-source', ...targets.map((target) => `scan-${target}`)];
  const tasks = modes.map((mode) => [
    mode,
    table.tasks[mode]!.map((task) => ({ ...task, ...('targets' in task && { targets }), buckets })),
  ]);
  return { ...table, targets, tasks: Object.fromEntries(tasks) as ScanPlan };
}

/** Rows whose scan is long beside the second that a process takes to start. */
const ROWS_A_PROCESS = 100_000;

/** One statement for each kind of worker. Tasks of small tables share a process. */
function statements({ worker }: Engine, tables: readonly Scanning[]): string[] {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const modes = new Set(tables.flatMap(({ tasks }) => Object.keys(tasks)));
  return [...modes].map((mode) => {
    const tasks = tables.flatMap((table) => table.tasks[mode] ?? []);
    const together = Math.floor((ROWS_A_PROCESS * tasks.length) / Math.max(rows, 1));
    return transformSql(
      worker(mode),
      tasks.map((task) => JSON.stringify(task)),
      Math.min(Math.max(together, 1), tasks.length),
    );
  });
}
