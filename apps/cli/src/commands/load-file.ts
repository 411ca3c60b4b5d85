import type { Command } from 'commander';
import { fatal } from '@tributary/kernel';
import { loadArchiveFile, sampleTables, verificationNeeds, type ArchiveLoad } from '@tributary/operations';
import { count, duration } from '../output/format';
import { Progress } from '../output/progress';
import { engineOptions, refuseSparkOptions, type EngineFlags } from '../engine/engine-options';
import { runCommand, type CommandContext } from '../run-command';

interface LoadFileOptions extends Partial<EngineFlags> {
  readonly file: string;
  readonly verify?: boolean;
  readonly json?: boolean;
}

const help = `
Each line of the file is one event of GitHub's public stream; every user, organization and repository in it becomes a
row of github_data.users or github_data.repositories (sql/github_data.sql creates them). A row that is there is
completed by what the file knows. Then the file is read again and compared with the tables, and what is missing is
written again. Run it again after whatever interrupted it: it begins anew and does no harm.

MYSQL_URL must be an account that may read and write these tables (SELECT, INSERT, UPDATE), as the application's may;
the relay's own account may not. Lines that are no JSON are left out, named and counted.

Exit codes: 0 every row of the file is held, 2 some are not (another writer changes them), 1 the file or the
server could not be used.

With --engine spark workers of a Spark cluster read many files at a time, which all of them must see under the same path;
the name may have * then. Spark gathers what the files know of a row, and a left anti join proves that MySQL lacks none.

With --verify the command then waits until validator and sinks have applied it, and verifies both tables by Spark: one command that
writes MySQL, MongoDB and Redis and proves that nothing is missing. MYSQL_URL then is the relay's account, as for verify,
and APP_MYSQL_URL the one that writes.

Examples:
  MYSQL_URL=$APP_MYSQL_URL tributary load-file --file 2024-01-01-15.json.gz
  MYSQL_URL=$APP_MYSQL_URL tributary load-file --engine spark --file 'archive/2024-01-*.json.gz'
  tributary load-file --engine spark --verify --file 'archive/2024-01-*.json.gz'
`;

export function loadFileCommand(program: Command): void {
  const command = program
    .command('load-file')
    .description('write hours of GH Archive into the sample database, and check them')
    .requiredOption('--file <X.json.gz>', 'a GH Archive hour file, gzip of one JSON event a line');
  engineOptions(command)
    .option('--verify', 'with spark: wait for the targets, and prove by Spark that they hold all of it too')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', help)
    .action(
      runCommand<LoadFileOptions>(
        ({ verify }) => (verify ? verificationNeeds({}) : { mysql: true }),
        loadFile,
      ),
    );
}

const parts = { write: 'writing', check: 'checking', settle: 'second look' } as const;

async function loadFile(context: CommandContext<LoadFileOptions>): Promise<number> {
  const { operation, out, options } = context;
  // Loads what knows Spark only when it is asked for.
  if (options.engine === 'spark') return (await import('../load-file/by-spark')).importBySpark(context);
  refuseSparkOptions(options);
  if (options.verify)
    throw fatal('USAGE', '--verify is for --engine spark: run tributary verify after the load instead.');
  const started = performance.now();
  const progress = new Progress('KB');
  try {
    const load = await loadArchiveFile(operation, {
      file: options.file,
      onProgress: (part, done, total) =>
        progress.update(parts[part], Math.round(done / 1_000), Math.round(total / 1_000)),
    });
    for (const part of Object.values(parts)) progress.finish(part);
    progress.stop();
    const seconds = (performance.now() - started) / 1_000;
    if (options.json) out.json({ file: options.file, ...load, seconds });
    else show(out, load, seconds);
    return load.different.length > 0 ? 2 : 0;
  } finally {
    progress.stop();
  }
}

function show(out: CommandContext<LoadFileOptions>['out'], load: ArchiveLoad, seconds: number): void {
  const tables = ['users', 'repositories'] as const;
  out.table<(typeof tables)[number]>(
    [
      { head: 'table', value: (table) => sampleTables[table].name },
      { head: 'rows before', value: (table) => count(load.before[table]), right: true },
      { head: 'rows now', value: (table) => count(load.after[table]), right: true },
    ],
    tables,
  );
  out.line(
    `${count(load.lines)} lines in ${duration(seconds)}, ${count(load.brokenLines)} left out, ` +
      `${count(load.reinserted)} rows written again after the check`,
  );
  if (load.different.length > 0)
    out.line(
      `${count(load.different.length)} rows are not as the file has them (another writer changes them?): ${load.different.slice(0, 10).join(', ')}`,
    );
}
