import { setTimeout as sleep } from 'node:timers/promises';
import { fatal, type SyncError } from '@tributary/change-event';
import type { Connection } from 'mysql2/promise';
import { mysqlError, openMysql } from './connect';
import { insertMarker } from './marker';
import { errorNumber, execute, select } from './query';

/** INNODB_TRX is a cache that the server renews only when nobody has read it for 0.1 s. */
const POLL_MS = 110;
const RETRY_MS = 1000;
const ACCESS_DENIED = 1227;

interface ActiveTransaction {
  readonly id: string;
  readonly thread: string;
}

/**
 * The rolling floor (R5): an id up to which every log id is final, committed or rolled back. No clock decides it:
 * a marker takes an id, and when all transactions that were changing rows at that moment have ended, so has every
 * entry with a smaller id. Safe however long a transaction lasts; the floor only lags. Runs on two connections of its
 * own and survives their loss. A transaction that writes to the log itself must have changed some row before.
 */
export class RollingFloor {
  readonly #url: string;
  readonly #captureSchema: string;
  readonly #pauseMs: number;
  #floor = 0n;
  #running: Promise<void> | null = null;
  #stopped = new AbortController();
  #trouble: SyncError | null = null;
  #waiters: { id: bigint; resolve: () => void; reject: (error: unknown) => void }[] = [];

  /** `pauseMs`: rest between two cycles. */
  constructor(url: string, captureSchema: string, pauseMs = 200) {
    this.#url = url;
    this.#captureSchema = captureSchema;
    this.#pauseMs = pauseMs;
  }

  /** Connects and begins to roll. Throws a SyncError, fatal when the account lacks PROCESS (see `readMarkedChunk`). */
  async start(): Promise<void> {
    if (this.#running) return;
    this.#stopped = new AbortController();
    const cycle = await BarrierCycle.open(this.#url, this.#captureSchema);
    this.#running = this.#roll(cycle);
  }

  /** The highest id known to be final; 0 before the first cycle has ended. */
  floor(): bigint {
    return this.#floor;
  }

  /** What keeps the floor from rising (the server is away), or `null`. */
  trouble(): SyncError | null {
    return this.#trouble;
  }

  /** Resolves when every id up to this one is final; rejects when the floor is stopped. */
  waitFor(id: bigint): Promise<void> {
    if (this.#floor >= id) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiters.push({ id, resolve, reject }));
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
    this.#running = null;
    const stopped = fatal('STOPPED', 'The floor was stopped.');
    for (const { reject } of this.#waiters.splice(0)) reject(stopped);
  }

  async #roll(first: BarrierCycle): Promise<void> {
    const { signal } = this.#stopped;
    let cycle: BarrierCycle | null = first;
    while (!signal.aborted) {
      try {
        cycle ??= await BarrierCycle.open(this.#url, this.#captureSchema);
        const floor = await cycle.run(signal);
        this.#trouble = null;
        if (floor !== null) this.#raise(floor);
        await pause(this.#pauseMs, signal);
      } catch (error) {
        this.#trouble = mysqlError(error);
        cycle?.close();
        cycle = null;
        await pause(RETRY_MS, signal);
      }
    }
    cycle?.close();
  }

  #raise(floor: bigint): void {
    if (floor > this.#floor) this.#floor = floor;
    const ready = this.#waiters.filter(({ id }) => id <= this.#floor);
    this.#waiters = this.#waiters.filter(({ id }) => id > this.#floor);
    for (const { resolve } of ready) resolve();
  }
}

const pause = (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }).catch(() => {});

/** One barrier after another on the same two connections. */
class BarrierCycle {
  readonly #marker: Connection;
  readonly #watcher: Connection;
  readonly #captureSchema: string;
  readonly #thread: string;
  /** Transaction ids of earlier markers: a stale list may still show one under the same thread. */
  #previous = new Set<string>();

  private constructor(marker: Connection, watcher: Connection, captureSchema: string, thread: string) {
    this.#marker = marker;
    this.#watcher = watcher;
    this.#captureSchema = captureSchema;
    this.#thread = thread;
  }

  static async open(url: string, captureSchema: string): Promise<BarrierCycle> {
    const marker = await openMysql(url);
    const watcher = await openMysql(url).catch((error: unknown) => {
      marker.destroy();
      throw error;
    });
    try {
      await activeTransactions(watcher);
      const [row] = await select<{ thread: string }>(marker, 'SELECT CONNECTION_ID() AS thread');
      return new BarrierCycle(marker, watcher, captureSchema, String(row!.thread));
    } catch (error) {
      marker.destroy();
      watcher.destroy();
      throw errorNumber(error) === ACCESS_DENIED
        ? fatal(
            'PREFLIGHT',
            'The account of MYSQL_URL lacks PROCESS, without which no one can tell when older transactions have ended: GRANT PROCESS ON *.* TO it.',
            error,
          )
        : mysqlError(error);
    }
  }

  /** Runs one barrier and gives the floor; `null` when it was stopped before the end. */
  async run(signal: AbortSignal): Promise<bigint | null> {
    await execute(this.#marker, 'START TRANSACTION');
    const id = await insertMarker(this.#marker, this.#captureSchema);
    const waiting = await this.#othersAt(signal);
    // Committed, not rolled back: only then is the counter's rise durable before a version is built on it.
    await execute(this.#marker, 'COMMIT');
    if (!waiting) return null;
    while (waiting.size > 0) {
      await pause(POLL_MS, signal);
      if (signal.aborted) return null;
      const active = new Set((await activeTransactions(this.#watcher)).map((transaction) => transaction.id));
      for (const other of waiting) if (!active.has(other)) waiting.delete(other);
    }
    return id;
  }

  /** Transactions that are changing rows while the marker's own is open; the list is fresh once it shows that one. */
  async #othersAt(signal: AbortSignal): Promise<Set<string> | null> {
    for (;;) {
      const active = await activeTransactions(this.#watcher);
      const own = active.find(({ id, thread }) => thread === this.#thread && !this.#previous.has(id));
      if (own) {
        this.#previous = new Set([...this.#previous, own.id].slice(-100));
        return new Set(active.filter(({ id }) => id !== own.id).map(({ id }) => id));
      }
      await pause(POLL_MS, signal);
      if (signal.aborted) return null;
    }
  }

  close(): void {
    this.#marker.destroy();
    this.#watcher.destroy();
  }
}

const activeTransactions = (connection: Connection) =>
  select<ActiveTransaction>(
    connection,
    `SELECT CAST(trx_id AS CHAR) AS \`id\`, CAST(trx_mysql_thread_id AS CHAR) AS \`thread\`
     FROM information_schema.innodb_trx WHERE trx_rows_modified > 0`,
  );
