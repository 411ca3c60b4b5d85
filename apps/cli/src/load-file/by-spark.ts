import {
  bulkImport,
  processUser,
  sampleTables,
  untilApplied,
  Verification,
  verifyDefaults,
  type BulkImportResult,
  type EngineOptions,
  type OperationContext,
  type VerificationResult,
} from '@tributary/operations';
import { INTERRUPTED, untilInterrupted } from '../engine/until-interrupted';
import { count, duration } from '../output/format';
import { Progress } from '../output/progress';
import type { CommandContext } from '../run-command';
import { DIFFERENT, exitCodeOf } from '../verify/exit-code';

interface SparkFileOptions extends EngineOptions {
  readonly file: string;
  readonly verify?: boolean;
  readonly json?: boolean;
}

const parts = { read: 'reading', write: 'writing', check: 'checking', settle: 'second look' } as const;
const EXAMPLES = 10;

/** Writes files by workers of a Spark cluster, and says what of them MySQL holds. */
export async function importBySpark({
  operation,
  out,
  options,
}: CommandContext<SparkFileOptions>): Promise<number> {
  const started = performance.now();
  const progress = new Progress('tasks');
  const { file, verify = false, remote, master, worker } = options;
  const engine = { remote, master, worker };
  try {
    const done = await untilInterrupted(async (signal) => {
      const context = { ...operation, signal };
      const found = await bulkImport(context, {
        ...{ file, asApplication: verify, ...engine },
        onProgress: (part, finished, total) => progress.update(parts[part], finished, total),
      });
      return { found, verification: verify ? await verified(context, engine) : undefined };
    });
    progress.stop();
    if (done === null) {
      out.note('Interrupted. Run the same command again: it begins anew and does no harm.');
      return INTERRUPTED;
    }
    const seconds = Math.round(performance.now() - started) / 1_000;
    const { found, verification } = done;
    if (options.json) out.json({ ...found, ...(verification && { verification }), seconds });
    else {
      show(out, found, seconds);
      if (verification) showTargets(out, verification);
    }
    if (found.missing + found.different > 0) return DIFFERENT;
    return verification ? exitCodeOf(verification) : 0;
  } finally {
    progress.stop();
  }
}

const PATIENCE_MS = 60_000;

/** What both targets hold of the tables, when all of it has reached them. */
async function verified(context: OperationContext, spark: EngineOptions): Promise<VerificationResult> {
  await untilApplied(context, { patienceMs: PATIENCE_MS });
  const { parallel, repairRate, examples } = verifyDefaults;
  return (await Verification.open(context, undefined)).once({
    ...{ table: 'github_data.*', spark, parallel, repairRate, examples },
    ...{ patienceMs: PATIENCE_MS, by: processUser() },
  });
}

function showTargets(out: CommandContext<SparkFileOptions>['out'], { reports }: VerificationResult): void {
  for (const { table, target, rows, missing, extra, different, stale, index } of reports)
    out.line(
      `${table} in ${target}: ${count(rows)} rows compared, ${count(missing + extra + different + stale + index)} differences`,
    );
}

function show(out: CommandContext<SparkFileOptions>['out'], found: BulkImportResult, seconds: number): void {
  const tables = ['users', 'repositories'] as const;
  out.table<(typeof tables)[number]>(
    [
      { head: 'table', value: (table) => sampleTables[table].name },
      { head: 'in the files', value: (table) => count(found.rows[table]), right: true },
      { head: 'rows before', value: (table) => count(found.before[table]), right: true },
      { head: 'rows now', value: (table) => count(found.after[table]), right: true },
    ],
    tables,
  );
  for (const { file, broken, brokenAt } of found.files)
    if (broken > 0)
      out.note(`${file}: ${count(broken)} broken lines left out (${brokenAt.slice(0, EXAMPLES).join(', ')})`);
  out.line(
    `${count(found.files.length)} files, ${count(found.lines)} lines in ${duration(seconds)}, ${count(found.brokenLines)} left out, ` +
      `${count(found.reinserted)} rows written again after the check`,
  );
  out.line(`Rows of the files that MySQL lacks: ${count(found.missing)}`);
  if (found.different > 0)
    out.line(
      `${count(found.different)} rows are not as the files have them (another writer changes them?): ${found.examples.slice(0, EXAMPLES).join(', ')}`,
    );
}
