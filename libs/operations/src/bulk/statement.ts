import { exitCodes } from '@tributary/bulk';
import { fatal, SyncError } from '@tributary/kernel';
import { transformSql, type StatementProgress } from '@tributary/spark';
import type { z } from 'zod';
import type { Engine } from './engine';
import { nextTry } from './next-try';

const MOST_WAIT_MS = 60_000;
/** Statements in a row without one result, after which a worker that fails for no reason of its own is given up. */
const MOST_FRUITLESS = 2;

export interface StatementRun<Result> {
  readonly mode: string;
  readonly tasks: readonly object[];
  readonly result: z.ZodType<Result>;
  readonly signal: AbortSignal;
  /** Interrupts the statement, and is why it failed: its reason is a SyncError. */
  readonly hung?: AbortSignal;
  onResult(result: Result): void;
  onProgress?(progress: StatementProgress): void;
}

/** What a statement's failure means: whether the tasks may be given out again. */
export interface Failure {
  readonly error: SyncError;
  readonly passing: boolean;
}

/** Processes for each task that runs at a time: a worker takes a second to start, and what is behind a lost one waits for another. */
const PROCESSES_A_SLOT = 4;

/** Gives tasks to workers, some to each process where there are many; resolves with why it failed, or `undefined`. Throws when `signal` aborts. */
export async function runStatement<Result>(
  engine: Engine,
  { mode, tasks, result, signal, hung, onResult, onProgress }: StatementRun<Result>,
): Promise<Failure | undefined> {
  const sql = transformSql(
    engine.worker(mode),
    tasks.map((task) => JSON.stringify(task)),
    Math.ceil(tasks.length / (engine.slots * PROCESSES_A_SLOT)),
  );
  const interrupted = hung ? AbortSignal.any([signal, hung]) : signal;
  try {
    for await (const rows of engine.session.query(sql, {
      signal: interrupted,
      ...(onProgress && { onProgress }),
    }))
      for (const row of rows) onResult(result.parse(JSON.parse(String(row['result']))));
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    if (hung?.aborted) return { error: hung.reason as SyncError, passing: true };
    if (!(error instanceof SyncError)) throw error;
    return { error, passing: isPassing(error) };
  }
}

/** What is said of a worker that failed as often as Spark tries a task. */
const statusOf = ({ code, message }: SyncError): number | undefined =>
  code === 'SPARK_WORKER' ? Number(/exited with status (\d+)/.exec(message)?.[1]) : undefined;
/** Statuses above are those of signals. */
const MOST_EXIT_CODE = 128;

/** A worker that was killed, or says itself that it may be tried again; and what Spark says of itself. */
function isPassing(error: SyncError): boolean {
  const status = statusOf(error);
  if (status === undefined) return error.kind === 'retry';
  return status === exitCodes.passing || status > MOST_EXIT_CODE;
}

/** Decides how often tasks that fail are given out again: for ever while what is wrong passes by itself. */
export class Retries {
  #failures = 0;
  #fruitless = 0;

  constructor(private readonly note: (sentence: string) => void) {}

  succeeded(): void {
    this.#failures = 0;
    this.#fruitless = 0;
  }

  /**
   * Waits before the next try, and connects to a server that was lost until it is there again. Throws the failure when no try is
   * worth it.
   */
  async after(
    engine: Engine,
    { error, passing }: Failure,
    hadResults: boolean,
    signal: AbortSignal,
  ): Promise<void> {
    this.#failures = hadResults ? 1 : this.#failures + 1;
    this.#fruitless = passing || hadResults ? 0 : this.#fruitless + 1;
    if (statusOf(error) === exitCodes.configuration) throw error;
    if (this.#fruitless >= MOST_FRUITLESS) throw fatal(error.code, error.message, error);
    await nextTry(error, this.#failures, { note: this.note, mostMs: MOST_WAIT_MS, signal });
    if (error.code !== 'SPARK_WORKER') await this.#renewed(engine, signal);
  }

  async #renewed(engine: Engine, signal: AbortSignal): Promise<void> {
    for (let attempt = 1; ; attempt += 1)
      try {
        return await engine.renew();
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof SyncError) || error.kind !== 'retry') throw error;
        await nextTry(error, attempt, { note: this.note, mostMs: MOST_WAIT_MS, signal });
      }
  }
}
