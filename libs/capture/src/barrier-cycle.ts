import { fatal, hasErrno, mysqlErrno, pause } from '@tributary/kernel';
import type { Connection } from 'mysql2/promise';
import { mysqlError, openMysql } from './connect';
import { insertMarker } from './marker';
import { oldestTransactions, type FloorHold } from './open-transactions';
import { execute, select } from './query';
import { stillWriting, writingTransactions, type WritingTransaction } from './writing-transactions';

/** INNODB_TRX is a cache that the server renews only when nobody has read it for 0.1 s. */
const POLL_MS = 110;
const MOST_POLL_MS = 1_500;

/**
 * Until the next look: longer and by chance, look by look. Several pipelines on one server that all looked every 0.11 s
 * would keep the list from being renewed for each other without end.
 */
const restMs = (looks: number) =>
  POLL_MS + Math.random() * Math.min(MOST_POLL_MS, POLL_MS * (2 ** looks - 1));
/** A wait is named after so long, and looked at anew as often. */
const NAME_AFTER_MS = 3_000;

/** One barrier after another on the same two connections. */
export class BarrierCycle {
  readonly #marker: Connection;
  readonly #watcher: Connection;
  readonly #captureSchema: string;
  readonly #thread: string;
  readonly #list: () => Promise<WritingTransaction[]>;
  /** Transaction ids of earlier markers: a stale list may still show one under the same thread. */
  #previous = new Set<string>();

  private constructor(
    [marker, watcher]: readonly [Connection, Connection],
    captureSchema: string,
    thread: string,
    list: () => Promise<WritingTransaction[]>,
  ) {
    this.#marker = marker;
    this.#watcher = watcher;
    this.#captureSchema = captureSchema;
    this.#thread = thread;
    this.#list = list;
  }

  static async open(url: string, captureSchema: string, listBytes: number): Promise<BarrierCycle> {
    const marker = await openMysql(url);
    const watcher = await openMysql(url).catch((error: unknown) => {
      marker.destroy();
      throw error;
    });
    try {
      const [row] = await select<{ thread: string; maria: number }>(
        marker,
        `SELECT CONNECTION_ID() AS thread, VERSION() LIKE '%MariaDB%' AS maria`,
      );
      const list = () => writingTransactions(watcher, Number(row!.maria) === 1, listBytes);
      await select(watcher, 'SELECT 1 FROM information_schema.innodb_trx LIMIT 1');
      return new BarrierCycle([marker, watcher], captureSchema, String(row!.thread), list);
    } catch (error) {
      marker.destroy();
      watcher.destroy();
      throw hasErrno(error, mysqlErrno.SPECIFIC_ACCESS_DENIED)
        ? fatal(
            'PREFLIGHT',
            'The account of MYSQL_URL lacks PROCESS, without which no one can tell when older transactions have ended: GRANT PROCESS ON *.* TO it.',
            error,
          )
        : mysqlError(error);
    }
  }

  /**
   * Runs one barrier and gives the floor; `null` when it was stopped before the end. `onHeld` is told, once it has waited
   * for some seconds, whose transactions hold it, and `null` when they have ended.
   */
  async run(signal: AbortSignal, onHeld: (hold: FloorHold | null) => void): Promise<bigint | null> {
    await execute(this.#marker, 'START TRANSACTION');
    const id = await insertMarker(this.#marker, this.#captureSchema);
    let waiting = await this.#othersAt(signal, onHeld);
    // Committed, not rolled back: only then is the counter's rise durable before a version is built on it.
    await execute(this.#marker, 'COMMIT');
    if (!waiting) return null;
    const since = Date.now();
    let namedAt = since;
    for (let looks = 0; waiting.length > 0; looks += 1) {
      await pause(restMs(looks), signal);
      if (signal.aborted) return null;
      waiting = stillWriting(waiting, await this.#list());
      if (waiting.length === 0 || Date.now() - namedAt < NAME_AFTER_MS) continue;
      namedAt = Date.now();
      const transactions = await oldestTransactions(
        this.#watcher,
        waiting.map((transaction) => transaction.id),
      );
      onHeld({ since, count: waiting.length, transactions });
    }
    onHeld(null);
    return id;
  }

  /** Transactions that are changing rows while the marker's own is open; the list is fresh once it shows that one. */
  async #othersAt(
    signal: AbortSignal,
    onHeld: (hold: FloorHold) => void,
  ): Promise<WritingTransaction[] | null> {
    const since = Date.now();
    for (let looks = 0; ; looks += 1) {
      const active = await this.#list();
      const own = active.find(
        ({ id, thread, changed }) => thread === this.#thread && Number(changed) && !this.#previous.has(id),
      );
      if (own) {
        this.#previous = new Set([...this.#previous, own.id].slice(-100));
        return active.filter(({ id }) => id !== own.id);
      }
      if (Date.now() - since > NAME_AFTER_MS) onHeld({ since, count: 0, transactions: [] });
      await pause(restMs(looks), signal);
      if (signal.aborted) return null;
    }
  }

  close(): void {
    this.#marker.destroy();
    this.#watcher.destroy();
  }
}
