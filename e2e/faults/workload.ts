import { join } from 'node:path';
import type { SeededRandom } from '@tributary/testing';
import { longWriters, quickWriters, transactionsOf } from './transactions';
import { Writer, type WriterCounts } from './writer';

export interface WorkloadResult extends Readonly<WriterCounts> {
  /** Errors that no application should see. */
  readonly unexpected: readonly string[];
}

/** Runs all writers until `signal` aborts; each notes its transactions in `<folder>/writer-<n>.log`. */
export async function runWorkload(
  options: {
    readonly url: string;
    readonly database: string;
    readonly folder: string;
    readonly random: SeededRandom;
  },
  signal: AbortSignal,
): Promise<WorkloadResult> {
  const { url, database, folder, random } = options;
  const writers = Array.from(
    { length: quickWriters + longWriters },
    (_, writer) =>
      new Writer({
        url,
        database,
        logFile: join(folder, `writer-${writer}.log`),
        // The lesser level for those that would otherwise hold gaps between rows for long, too.
        isolation: writer < 3 ? 'REPEATABLE READ' : 'READ COMMITTED',
        transactions: transactionsOf(random, writer),
      }),
  );
  await Promise.all(writers.map((writer) => writer.run(signal)));
  const total: WriterCounts = {
    committed: 0,
    rolledBack: 0,
    refused: 0,
    conflicts: 0,
    deadlocks: 0,
    lost: 0,
    statements: 0,
    rows: 0,
  };
  for (const { counts } of writers)
    for (const name of Object.keys(total) as (keyof WriterCounts)[]) total[name] += counts[name];
  return { ...total, unexpected: writers.flatMap(({ unexpected }) => unexpected) };
}
