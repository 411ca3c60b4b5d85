import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'mysql2/promise';
import { WAIT_STEP_SECONDS, waitProcedure } from './capture-schema';
import { mysqlError, openMysql } from './connect';
import { quoteIdentifier } from './identifiers';
import { errorNumber, execute } from './query';

/** How long one call waits on the server. */
const CALL_SECONDS = 1;
/** Between two looks where the wait procedure cannot be had. */
const POLL_MS = 25;
const NO_SUCH_PROCEDURE = 1305;
const PROCEDURE_DENIED = 1370;

/**
 * Tells when the change log may hold something. It waits on the server, on a connection of its own: a client that
 * polled every few milliseconds would cost an idle relay several percent of a core in wake-ups alone.
 */
export class LogWatcher {
  #polls = false;
  #waiting: Promise<void> | undefined;

  private constructor(
    private readonly connection: Connection,
    private readonly captureSchema: string,
  ) {}

  static async open(url: string, captureSchema: string): Promise<LogWatcher> {
    return new LogWatcher(await openMysql(url), captureSchema);
  }

  /**
   * Resolves when the log holds an entry above this id, and at the latest after a second; between two looks the server
   * sleeps for `step` seconds. A call while one is under way shares it. Throws a SyncError.
   */
  wait(above = 0n, step = WAIT_STEP_SECONDS): Promise<void> {
    this.#waiting ??= this.#wait(above, step).finally(() => (this.#waiting = undefined));
    return this.#waiting;
  }

  async #wait(above: bigint, step: number): Promise<void> {
    if (this.#polls) return void (await sleep(Math.max(POLL_MS, step * 1000)));
    try {
      const procedure = `${quoteIdentifier(this.captureSchema)}.${quoteIdentifier(waitProcedure)}`;
      await execute(
        this.connection,
        `CALL ${procedure}(${Math.ceil(CALL_SECONDS / step)}, ${above}, ${step})`,
      );
    } catch (error) {
      if (![NO_SUCH_PROCEDURE, PROCEDURE_DENIED].includes(errorNumber(error))) throw mysqlError(error);
      this.#polls = true;
    }
  }

  close(): void {
    this.connection.destroy();
  }
}
