import { hasErrno, mysqlErrno } from '@tributary/kernel';
import type { Connection, ResultSetHeader } from 'mysql2/promise';
import { createCaptureSchema, presentTables } from './capture-schema';
import { ackTable, captureTables, changeLog, relayState } from './capture-tables';
import { openMysql, mysqlError } from './connect';
import { quoteIdentifier } from './identifiers';
import { LeaseLostError, releaseLease, takeLease, type Lease } from './lease';
import { ID_LIMIT, lowerLogCounter } from './log-counter';
import { decoded, type LogEntry, type RawEntry } from './log-entry';
import { execute, select, selectRaw } from './query';
import { ShapeSeals } from './shape-seals';
import { ALL_UNREAD, type Unread } from './unread-ids';

export interface LogReaderOptions {
  readonly url: string;
  readonly captureSchema: string;
  /** Says who leads, for people: host name and process id. */
  readonly owner: string;
  /** Default 0. */
  readonly shard?: number;
}

const PING_MS = 5000;
/** So many ids are joined as they stand in the statement; more take less in the temporary table. */
const FEW = 10;

/**
 * The change log as a queue without a cursor, on one connection that also holds the lead: always the lowest ids that
 * are visible, and deleted are exactly the ids that were acknowledged. So an entry that commits late with a small id
 * is simply found by a later read (R2). Calls may overlap; they run one after another.
 * Every method throws SyncErrors (`retry` when the connection is gone: open a new reader), or LeaseLostError.
 */
export class LogReader {
  readonly #connection: Connection;
  readonly #options: LogReaderOptions;
  readonly #shard: number;
  readonly #pinger: NodeJS.Timeout;
  #lease: Lease | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  readonly #seals: ShapeSeals;
  /** The stored `high_id` is at least this. */
  #highId = 0n;

  private constructor(connection: Connection, options: LogReaderOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#shard = options.shard ?? 0;
    this.#seals = new ShapeSeals(connection, options.captureSchema);
    this.#pinger = setInterval(() => void this.#run(() => connection.ping()).catch(() => {}), PING_MS);
    this.#pinger.unref();
  }

  /** Connects; holds no lead yet. */
  static async open(options: LogReaderOptions): Promise<LogReader> {
    const connection = await openMysql(options.url, { multipleStatements: true });
    try {
      // The plain reads of a batch and its deletes must neither wait for nor block the applications' transactions.
      await execute(connection, 'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
      // A multi-table DELETE asks for a current database, even where every table is qualified.
      await execute(connection, `USE ${quoteIdentifier(options.captureSchema)}`);
      await execute(
        connection,
        `CREATE TEMPORARY TABLE ${ackTable(options.captureSchema)} (id BIGINT UNSIGNED NOT NULL PRIMARY KEY) ENGINE=MEMORY`,
      );
    } catch (error) {
      connection.destroy();
      throw mysqlError(error);
    }
    return new LogReader(connection, options);
  }

  get lease(): Lease | null {
    return this.#lease;
  }

  /** Takes the lead, waiting at most `waitSeconds` for another holder; `false` when that one keeps it. */
  async acquireLease(waitSeconds = 0): Promise<boolean> {
    const { captureSchema, owner } = this.#options;
    const take = () => takeLease(this.#connection, captureSchema, this.#shard, owner, waitSeconds);
    this.#highId = 0n;
    // A copy of a capture schema of an older version may have been restored under the running relay.
    const mend = () => createCaptureSchema(this.#connection, captureSchema);
    this.#lease = await this.#run(async () => {
      const lease = await take().catch(async (error: unknown) => {
        if (!hasErrno(error, mysqlErrno.BAD_FIELD)) throw error;
        await mend();
        return take();
      });
      const isWhole = async () =>
        (await presentTables(this.#connection, captureSchema)).size === Object.keys(captureTables).length;
      if (lease && !(await isWhole())) await mend();
      return lease;
    });
    return this.#lease !== null;
  }

  /** Who leads, or led last, as it named itself (`owner`); `null` when nobody ever has. */
  async leader(): Promise<string | null> {
    const { captureSchema } = this.#options;
    const sql = `SELECT owner FROM ${relayState(captureSchema)} WHERE shard = ${this.#shard}`;
    const [row] = await this.#run(() => select<{ owner: string }>(this.#connection, sql));
    return row?.owner || null;
  }

  /** Runs statements of the leader's between two calls. Throws LeaseLostError without the lead. */
  async whileLeading<T>(
    work: (connection: Connection, captureSchema: string, lease: Lease) => Promise<T>,
  ): Promise<T> {
    const lease = this.#lease;
    if (!lease) throw new LeaseLostError(this.#shard);
    return this.#run(() => work(this.#connection, this.#options.captureSchema, lease));
  }

  /**
   * To be called before rows are published under an id that is no entry's own: from then on the log's counter is known
   * to have been that far, whatever becomes of the log (R4). Throws LeaseLostError when another process leads by now.
   */
  async noteFloor(id: bigint): Promise<void> {
    if (id <= this.#highId) return;
    await this.whileLeading(async (connection, captureSchema, lease) => {
      const { affectedRows } = await execute(
        connection,
        `UPDATE ${relayState(captureSchema)} SET high_id = GREATEST(high_id, ?), updated_at = UTC_TIMESTAMP(6)
         WHERE shard = ? AND lease = ?`,
        [id, lease.shard, lease.counter],
      );
      if (affectedRows === 0) throw new LeaseLostError(lease.shard);
    });
    this.#highId = id;
  }

  /**
   * The entries with the lowest visible ids, in id order: at most `limit`, and at most about `maxBytes` of images, but
   * always one when there is any (R13). `unread` says where they can be (see `UnreadIds`, `LogBound`); `held` are left out
   * as well: they have been read, and will be acknowledged. Needs no lead.
   */
  async readBatch(
    limit: number,
    maxBytes: number,
    unread: Unread = ALL_UNREAD,
    held: readonly bigint[] = [],
  ): Promise<LogEntry[]> {
    return this.#run(async () => {
      // What fits even if every row is as large comes at once; larger rows come without images, and are fetched below.
      const inline = Math.max(Math.floor(maxBytes / limit), 1024);
      const log = changeLog(this.#options.captureSchema);
      const read = () =>
        selectRaw(
          this.#connection,
          `SELECT id, shape_id, op, crc, FLOOR(UNIX_TIMESTAMP(at) * 1000), ${BYTES} AS bytes, ${BYTES} > ${inline},
           IF(${BYTES} > ${inline}, NULL, row_key), IF(${BYTES} > ${inline}, NULL, before_image),
           IF(${BYTES} > ${inline}, NULL, after_image)
         FROM ${log}${within(unread)}${besides(held)} ORDER BY id LIMIT ${Math.max(1, Math.floor(limit))}`,
        );
      let rows = await read();
      if (rows.some(([id]) => BigInt(id!.toString('latin1')) >= ID_LIMIT)) {
        if (!this.#lease) throw new LeaseLostError(this.#shard);
        await lowerLogCounter(this.#connection, this.#options.captureSchema, this.#shard);
        rows = await read();
      }
      return this.#complete(rows, maxBytes);
    });
  }

  async #complete(rows: readonly RawEntry[], maxBytes: number): Promise<LogEntry[]> {
    const log = changeLog(this.#options.captureSchema);
    const raw: RawEntry[] = [];
    let bytes = 0;
    for (const [id, shape, op, crc, at, size, large, ...images] of rows) {
      bytes += Number(size!.toString('latin1'));
      if (bytes > maxBytes && raw.length > 0) break;
      let whole: RawEntry = images;
      if (large!.toString('latin1') === '1')
        [whole = []] = await selectRaw(
          this.#connection,
          `SELECT row_key, before_image, after_image FROM ${log} WHERE id = ${id!.toString('latin1')}`,
        );
      if (whole.length > 0) raw.push([id!, shape!, op!, crc!, at!, size!, ...whole]);
    }
    return decoded(raw, this.#seals);
  }

  /**
   * Deletes exactly these entries after Kafka has confirmed them. Throws LeaseLostError when another process leads by
   * now: then nothing was deleted. Returns how many were deleted. `published`: what is stored with it (`publishedText`).
   */
  async acknowledge(ids: readonly bigint[], published?: string): Promise<number> {
    if (ids.length === 0) return 0;
    const lease = this.#lease;
    if (!lease) throw new LeaseLostError(this.#shard);
    const { captureSchema } = this.#options;
    const few = ids.length <= FEW;
    const ack = few
      ? `(SELECT ${ids[0]} AS id${ids
          .slice(1)
          .map((id) => ` UNION ALL SELECT ${id}`)
          .join('')})`
      : ackTable(captureSchema);
    const held = `shard = ${lease.shard} AND lease = ${lease.counter}`;
    const highest = ids.reduce((a, b) => (b > a ? b : a));
    const also = published === undefined ? '' : `published = ${this.#connection.escape(published)}, `;
    const results = await this.#run(() =>
      this.#transaction(
        `${few ? '' : `DELETE FROM ${ack}; INSERT INTO ${ack} VALUES (${ids.join('),(')});`}
         START TRANSACTION;
         UPDATE ${relayState(captureSchema)} SET high_id = GREATEST(high_id, ${highest}), ${also}updated_at = UTC_TIMESTAMP(6) WHERE ${held};
         DELETE l FROM ${relayState(captureSchema)} r STRAIGHT_JOIN ${ack} a STRAIGHT_JOIN ${changeLog(captureSchema)} l ON l.id = a.id WHERE ${held};
         COMMIT`,
      ),
    );
    const [fenced, deleted] = results.slice(-3);
    if (fenced!.affectedRows === 0 || deleted!.affectedRows === 0) {
      this.#lease = null;
      throw new LeaseLostError(lease.shard);
    }
    if (highest > this.#highId) this.#highId = highest;
    return deleted!.affectedRows;
  }

  /** Several statements in one round trip; nothing stays open when one of them fails. */
  async #transaction(statements: string): Promise<ResultSetHeader[]> {
    try {
      const [results] = await this.#connection.query<ResultSetHeader[]>(statements);
      return results;
    } catch (error) {
      await execute(this.#connection, 'ROLLBACK').catch(() => {});
      throw error;
    }
  }

  /** Gives the lead back and ends the connection. */
  async close(): Promise<void> {
    clearInterval(this.#pinger);
    await this.#turn.catch(() => {});
    if (this.#lease)
      await releaseLease(this.#connection, this.#options.captureSchema, this.#lease).catch(() => {});
    this.#lease = null;
    await this.#connection.end().catch(() => this.#connection.destroy());
  }

  /** One at a time: a transaction of one call must not take in the statements of another. */
  #run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work, work);
    this.#turn = result.catch(() => {});
    return result.catch((error: unknown) => {
      throw error instanceof LeaseLostError ? error : mysqlError(error);
    });
  }
}

/** With gaps the server must not think that it may as well read the few rows that are there from the first on. */
function within({ above, gaps }: Unread): string {
  if (gaps.length === 0) return ` WHERE id > ${above}`;
  const ranges = gaps.map(({ from, to }) => `id BETWEEN ${from} AND ${to}`);
  return ` FORCE INDEX (PRIMARY) WHERE (${ranges.join(' OR ')} OR id > ${above})`;
}

/** An expression, since a bare column would be looked up range by range between the ids. */
const besides = (held: readonly bigint[]) => (held.length === 0 ? '' : ` AND id + 0 NOT IN (${held.join()})`);

const BYTES =
  '(IFNULL(OCTET_LENGTH(row_key),0)+IFNULL(OCTET_LENGTH(before_image),0)+IFNULL(OCTET_LENGTH(after_image),0))';
