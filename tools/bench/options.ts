import { Command } from 'commander';
import { mongoOption, type MongoChoice, wholeFrom } from '@tributary/dev-stack';

export interface BenchOptions {
  /** Rows of the initial load. */
  readonly rows: number;
  /** Live changes of the stream. */
  readonly changes: number;
  readonly writers: number;
  readonly mongo: MongoChoice;
  readonly floors: boolean;
  readonly json: boolean;
  /** Leave servers, services and data as they are. */
  readonly keep: boolean;
  /** Folder for CPU profiles of the services. */
  readonly profile?: string;
  /** Minutes after which the run gives up. */
  readonly minutes: number;
}

/** Reads the command line; prints help or what is wrong with it and exits when it does not ask for a run. */
export function readOptions(argv: readonly string[]): BenchOptions {
  const options = new Command('nx run bench:pipeline --')
    .description(
      'Measures the whole pipeline on real servers of its own: the initial load of a table, a stream of live ' +
        'changes, the delay of lone changes, and what plain driver loops need for the same rows.',
    )
    .option('--rows <n>', 'rows of the initial load', wholeFrom(1000), 500_000)
    .option('--changes <n>', 'live changes (default: a fifth of the rows)', wholeFrom(100))
    .option('--writers <n>', 'connections that commit the live changes', wholeFrom(1), 4)
    .addOption(mongoOption())
    .option('--no-floors', 'leave the plain driver loops out')
    .option('--json', 'print the figures as JSON on standard output', false)
    .option('--keep', 'leave servers, services and data running', false)
    .option(
      '--profile <folder>',
      'also write CPU profiles of the services, and print what they spend most on',
    )
    .option('--minutes <n>', 'give up after this long', wholeFrom(1), 60)
    .parse(argv)
    .opts<Omit<BenchOptions, 'changes'> & { changes?: number }>();
  return { ...options, changes: options.changes ?? Math.max(100, Math.floor(options.rows / 5)) };
}
