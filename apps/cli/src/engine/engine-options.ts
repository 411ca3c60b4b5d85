import { Option, type Command } from 'commander';
import { fatal } from '@tributary/kernel';
import type { EngineOptions } from '@tributary/operations';

/** Who does the work of a command, and where. */
export interface EngineFlags extends EngineOptions {
  readonly engine: 'node' | 'spark';
}

/** Adds `--engine` and what says where Spark runs. */
export const engineOptions = (command: Command): Command =>
  command
    .addOption(
      new Option('--engine <engine>', 'who does the work: Tributary itself, or workers of a Spark cluster')
        .choices(['node', 'spark'])
        .default('node'),
    )
    .option('--remote <sc://host:port>', 'with spark: its Connect server (default: SPARK_REMOTE)')
    .option(
      '--master <master>',
      'with spark: start a Connect server of its own for this run (default without a remote: local[*])',
    )
    .option(
      '--worker <command>',
      'with spark: how its executors start the worker (default: SPARK_WORKER, or the one beside this program)',
    );

/** Throws a fatal SyncError when options of Spark are given without it. */
export function refuseSparkOptions({ engine, remote, master, worker }: Partial<EngineFlags>): void {
  if (engine === 'spark' || (remote ?? master ?? worker) === undefined) return;
  throw fatal('USAGE', '--remote, --master and --worker are for --engine spark: add it, or leave them out.');
}
