import { bulkImport, sampleTables, type BulkImportResult, type EngineOptions } from '@tributary/operations';
import { untilInterrupted } from '../engine/until-interrupted';
import { count, duration } from '../output/format';
import { Progress } from '../output/progress';
import type { CommandContext } from '../run-command';

interface SparkFileOptions extends EngineOptions {
  readonly file: string;
  readonly json?: boolean;
}

const INTERRUPTED = 130;
const DIFFERENT = 2;
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
  const { file, remote, master, worker } = options;
  try {
    const found = await untilInterrupted((signal) =>
      bulkImport(
        { ...operation, signal },
        {
          ...{ file, remote, master, worker },
          onProgress: (part, done, total) => progress.update(parts[part], done, total),
        },
      ),
    );
    progress.stop();
    if (found === null) {
      out.note('Interrupted. Run the same command again: it begins anew and does no harm.');
      return INTERRUPTED;
    }
    const seconds = Math.round(performance.now() - started) / 1_000;
    if (options.json) out.json({ ...found, seconds });
    else show(out, found, seconds);
    return found.missing + found.different > 0 ? DIFFERENT : 0;
  } finally {
    progress.stop();
  }
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
