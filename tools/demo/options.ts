import { Command, Option } from 'commander';
import { wholeFrom, type Provider } from '@tributary/dev-stack';

export interface DemoOptions {
  /** Rows in all; undefined: 20,000, or what the archive holds. */
  readonly rows?: number;
  readonly file?: string;
  readonly changes: number;
  /** Live changes a second; 0: as fast as it goes. */
  readonly rate: number;
  readonly kill: boolean;
  readonly keep: boolean;
  /** Only stop what an earlier --keep left running. */
  readonly stop: boolean;
  readonly mysql: 'mysql' | 'mariadb';
  readonly provider?: Provider;
}

/** Reads the command line; prints help or what is wrong with it and exits when it does not ask for a run. */
export function readOptions(argv: readonly string[]): DemoOptions {
  return new Command('npm run demo --')
    .description(
      'Loads, changes and verifies a real database from end to end: starts MySQL, Kafka, MongoDB and Redis (a ' +
        "stack of the demo's own, so a developer's is not touched), builds and starts the four services, loads " +
        'GitHub users and repositories, applies live changes, times them, compares every row of both targets ' +
        'with MySQL, and prints a summary. Exits 0 only if everything matched.',
    )
    .option('--rows <n>', 'rows in all (default: 20000, or with --file what the file holds)', wholeFrom(1))
    .option('--file <X.json.gz>', 'also load the users and repositories of a GH Archive hour file')
    .option('--changes <n>', 'live row changes', wholeFrom(1), 2_000)
    .option('--rate <n>', 'live changes a second; 0: as fast as it goes', wholeFrom(0), 100)
    .option('--kill', 'kill -9 and restart each service in the middle of the live changes', false)
    .option('--keep', 'leave everything running, with the console, and print the addresses', false)
    .option('--stop', 'only stop what an earlier --keep left running', false)
    .addOption(
      new Option('--mysql <server>', 'source database').choices(['mysql', 'mariadb']).default('mysql'),
    )
    .addOption(
      new Option('--provider <provider>', 'default: docker if an engine answers').choices([
        'docker',
        'native',
      ]),
    )
    .addHelpText(
      'after',
      `
Each run begins from scratch: it stops and removes what an earlier demo left, a --keep one included.
All it stores is under .tributary/; logs stay there until the next run.

Examples:
  npm run demo
  npm run demo -- --rows 200000 --changes 10000 --rate 0
  npm run demo -- --file 2024-01-01-15.json.gz --keep
  npm run demo -- --mysql mariadb --kill`,
    )
    .parse(argv)
    .opts<DemoOptions>();
}
