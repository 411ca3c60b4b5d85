import { Command, Option } from 'commander';
import { mongoOption, wholeFrom } from '@tributary/dev-stack';
import type { BenchOptions } from '../options';
import { scenarioNames, type ScenarioName } from './scenarios';

export interface MemoryOptions extends Pick<BenchOptions, 'mongo' | 'json' | 'keep' | 'minutes'> {
  /** Rows of the backlog; the other scenarios have their shares of it (see `sizesOf`). */
  readonly rows: number;
  readonly only: readonly ScenarioName[];
  /** MB (10^6 bytes) that no service may exceed. */
  readonly limit: number;
}

/** Reads the command line; prints help or what is wrong with it and exits when it does not ask for a run. */
export function readMemoryOptions(argv: readonly string[]): MemoryOptions {
  return new Command('nx run bench:memory --')
    .description(
      'Measures the most memory that each service ever holds: on a backlog, on one large transaction, after an ' +
        'outage of Kafka and of both targets, and on rows of up to 40 MB. Each scenario starts the services anew, ' +
        'on real servers of its own; the exit code is 1 when a service exceeds the limit.',
    )
    .option(
      '--rows <n>',
      'rows of the backlog; the transaction has a tenth of it, the outage 1.08 times as many (two hours at 300 changes/s of 2,000,000)',
      wholeFrom(1000),
      2_000_000,
    )
    .addOption(
      new Option('--only <scenarios...>', 'leave the other scenarios out')
        .choices(scenarioNames)
        .default(scenarioNames),
    )
    .option('--limit <mb>', 'MB that no service may exceed', wholeFrom(1), 300)
    .addOption(mongoOption())
    .option('--json', 'print the figures as JSON on standard output', false)
    .option('--keep', 'leave servers, services and data running', false)
    .option('--minutes <n>', 'give up after this long', wholeFrom(1), 180)
    .parse(argv)
    .opts<MemoryOptions>();
}
