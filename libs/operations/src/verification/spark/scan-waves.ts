import { openEngine, type EngineOptions } from '../../bulk/engine';
import type { OperationContext } from '../../context';
import type { VerificationInput } from '../input';
import { sparkScan, type Scanned, type ScanTable } from './spark-scan';

/** Spark's part of a verification. */
export interface SparkOptions extends EngineOptions {
  /** Rows of a range; default: by the table's size and the cluster's slots. */
  readonly rangeRows?: number | undefined;
  /** Candidates of a table in a target that are looked at; default 100,000. */
  readonly mostCandidates?: number | undefined;
}

/** Tables that are scanned by one statement, so that small ones cost no statement each: at most so many, of so many rows. */
const WAVE = { tables: 100, rows: 100_000_000 };

interface Wave {
  readonly tables: readonly ScanTable[];
  readonly scanned: Scanned;
}

/**
 * Scans tables on Spark, some at a time, and hands over what was found of these; Spark is there until all were taken. Ends when
 * `signal` aborts. Throws a SyncError.
 */
export async function* scanWaves(
  context: OperationContext,
  { spark = {}, onRows, onTableEnd }: Pick<VerificationInput, 'spark' | 'onRows' | 'onTableEnd'>,
  tables: readonly ScanTable[],
  signal: AbortSignal,
): AsyncGenerator<Wave> {
  const { config, env } = context.servers;
  const engine = await openEngine(context, spark);
  try {
    await engine.session.setConf({ 'spark.sql.shuffle.partitions': String(engine.slots) });
    for (const wave of wavesOf(tables)) {
      if (signal.aborted) return;
      const rows = wave.reduce((sum, table) => sum + table.rows, 0);
      const name = wave.length === 1 ? wave[0]!.plan.schema.table : `${wave.length} tables`;
      const passes = { first: `${name}: scan`, again: `${name}: what differs` };
      const done = { first: 0, again: 0 };
      const scanned = await sparkScan(engine, wave, {
        ...{ source: { mysqlUrl: env.mysqlUrl, config }, signal },
        ...{ rangeRows: spark.rangeRows, mostCandidates: spark.mostCandidates },
        onProgress(pass, { tasks, done: tasksDone }) {
          // Spark learns of later stages as it goes.
          done[pass] = Math.max(done[pass], Math.round((rows * tasksDone) / Math.max(tasks, 1)));
          onRows?.(passes[pass], done[pass], rows);
        },
      });
      for (const pass of ['first', 'again'] as const) {
        if (done[pass] > 0) onRows?.(passes[pass], rows, rows);
        onTableEnd?.(passes[pass]);
      }
      try {
        yield { tables: wave, scanned };
      } finally {
        await scanned.forget();
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await engine.close();
  }
}

function wavesOf(tables: readonly ScanTable[]): ScanTable[][] {
  const waves: ScanTable[][] = [];
  let rows = 0;
  for (const table of tables) {
    const wave = waves.at(-1);
    if (wave && wave.length < WAVE.tables && rows + table.rows <= WAVE.rows) {
      wave.push(table);
      rows += table.rows;
    } else {
      waves.push([table]);
      rows = table.rows;
    }
  }
  return waves;
}
