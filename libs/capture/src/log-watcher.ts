import { setTimeout as sleep } from 'node:timers/promises';
import { hasErrno, mysqlErrno } from '@tributary/kernel';
import type { Connection } from 'mysql2/promise';
import { WAIT_STEP_SECONDS, waitProcedure } from './capture-schema';
import { mysqlError, openMysql } from './connect';
import { quoteIdentifier } from './identifiers';
import { execute } from './query';

/** How long one call waits on the server, at most. */
const CALL_SECONDS = 1;
/** The first pause between two looks. */
const FIRST_STEP_SECONDS = 0.003;
/** Between two looks where the wait procedure cannot be had. */
const POLL_MS = 25;

export interface WaitOptions {
  /** Entries up to this id do not count. Default 0. */
  readonly above?: bigint;
  /** So many entries above it are known. Default 0. */
  readonly held?: number;
  /** How long the server pauses between two looks, at most, seconds. */
  readonly step?: number;
  /** Resolve after this time in any case, seconds. */
  readonly seconds?: number;
}

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
   * Resolves when the log holds more entries than it was told of, and at the latest after a second. A call while one is
   * under way shares it. Throws a SyncError.
   */
  wait(of: WaitOptions = {}): Promise<void> {
    this.#waiting ??= this.#wait(of).finally(() => (this.#waiting = undefined));
    return this.#waiting;
  }

  async #wait(of: WaitOptions): Promise<void> {
    const { above = 0n, held = 0, step = WAIT_STEP_SECONDS } = of;
    const seconds = Math.min(of.seconds ?? CALL_SECONDS, CALL_SECONDS);
    if (seconds <= 0) return;
    if (this.#polls) return void (await sleep(Math.min(Math.max(POLL_MS, step * 1000), seconds * 1000)));
    const first = step > WAIT_STEP_SECONDS ? step : FIRST_STEP_SECONDS;
    try {
      const procedure = `${quoteIdentifier(this.captureSchema)}.${quoteIdentifier(waitProcedure)}`;
      await execute(this.connection, `CALL ${procedure}(${above}, ${held}, ${first}, ${step}, ${seconds})`);
    } catch (error) {
      const { SP_DOES_NOT_EXIST, PROCACCESS_DENIED } = mysqlErrno;
      if (!hasErrno(error, SP_DOES_NOT_EXIST, PROCACCESS_DENIED)) throw mysqlError(error);
      this.#polls = true;
    }
  }

  close(): void {
    this.connection.destroy();
  }
}
