import { randomUUID } from 'node:crypto';
import { bulkRanges, relayState, snapshotJobs, type Connection } from '@tributary/capture';
import { parseKeyBound, type KeyBound } from '@tributary/snapshot';
import type { Column } from '@tributary/contract';
import { errorText, transient } from '@tributary/kernel';
import type { ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import type { LoadTask } from './load-task';

/** How long a worker that is heard of no more keeps its range. */
const LEASE_SECONDS = 30;
/** A worker ends itself so long before its lease does, so that what it has sent is there by then. */
const MARGIN_MS = 10_000;
const RENEW_MS = 5_000;

export interface RangeBounds {
  readonly lower: KeyBound;
  readonly upper: KeyBound;
}

/** Why a range cannot be worked on. */
export type Refused = 'before' | 'stopped' | 'held';

/**
 * The right of one worker to one range: a lease in the capture schema that it renews, and ends itself without. A worker that
 * was frozen, or cut off, so sends nothing more after another one has its range (R3).
 */
export class RangeClaim {
  readonly #lost = new AbortController();
  readonly #renewing: NodeJS.Timeout;
  /** `performance.now()`, which goes on while the process is frozen. */
  #until: number;
  #renewal: Promise<void> | undefined;
  rows = 0;

  private constructor(
    private readonly connection: Connection,
    private readonly captureSchema: string,
    private readonly task: LoadTask,
    private readonly worker: string,
    readonly bounds: RangeBounds,
    /** Workers that have ranges, this one among them; 1 when the load has no rate. */
    public workers: number,
    until: number,
  ) {
    this.#until = until;
    this.#renewing = setInterval(() => void this.#renew(), RENEW_MS);
  }

  /** Takes the range unless another worker has it. `connection` is the claim's own. Throws the server's error. */
  static async take(
    connection: Connection,
    captureSchema: string,
    task: LoadTask,
    key: readonly Column[],
  ): Promise<RangeClaim | Refused> {
    const worker = randomUUID();
    const asked = performance.now();
    const [taken] = await connection.query<ResultSetHeader>(
      `UPDATE ${bulkRanges(captureSchema)} r JOIN ${snapshotJobs(captureSchema)} j ON j.id = r.job_id
       SET r.lost_until = IF(r.worker IS NULL, r.lost_until, r.lease_until), r.worker = ?, r.rows_done = 0,
         r.lease_until = UTC_TIMESTAMP(6) + INTERVAL ${LEASE_SECONDS} SECOND, r.tries = r.tries + 1
       WHERE r.job_id = ? AND r.no = ? AND r.state = 'open' AND j.marker_id = ? AND j.state = 'running'
         AND (r.worker IS NULL OR r.lease_until < UTC_TIMESTAMP(6))`,
      [worker, task.job, task.no, task.marker],
    );
    const [rows] = await connection.query<RowDataPacket[]>(
      `SELECT r.state, r.lower_key AS \`lower\`, r.upper_key AS \`upper\`, j.state = 'running' AND j.marker_id = ? AS runs
       FROM ${bulkRanges(captureSchema)} r JOIN ${snapshotJobs(captureSchema)} j ON j.id = r.job_id
       WHERE r.job_id = ? AND r.no = ?`,
      [task.marker, task.job, task.no],
    );
    const [row] = rows;
    if (taken.affectedRows === 0) {
      if (!row || Number(row['runs']) === 0) return 'stopped';
      return row['state'] === 'done' ? 'before' : 'held';
    }
    const bounds = {
      lower: parseKeyBound(row!['lower'] as string | null, key),
      upper: parseKeyBound(row!['upper'] as string | null, key),
    };
    const workers = await workersOf(connection, captureSchema, task);
    const until = asked + LEASE_SECONDS * 1000;
    return new RangeClaim(connection, captureSchema, task, worker, bounds, workers, until);
  }

  /** Aborts when the range is this worker's no more; its reason is a SyncError `retry`. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** To be called right before rows are sent. Throws a SyncError `retry` when the range is this worker's no more. */
  assertHeld(): void {
    if (performance.now() > this.#until - MARGIN_MS) this.#lose('its lease could not be renewed in time');
    this.lost.throwIfAborted();
  }

  /**
   * Notes that Kafka holds the range's rows. False: the job was stopped, began anew, or its epoch has ended. Throws a SyncError
   * `retry` when another worker has the range.
   */
  async done(): Promise<boolean> {
    clearInterval(this.#renewing);
    await this.#renewal;
    this.assertHeld();
    const { captureSchema, task } = this;
    const [noted] = await this.connection.query<ResultSetHeader>(
      `UPDATE ${bulkRanges(captureSchema)} r JOIN ${snapshotJobs(captureSchema)} j ON j.id = r.job_id
         JOIN ${relayState(captureSchema)} s ON s.shard = 0
       SET r.state = 'done', r.worker = NULL, r.rows_done = ?, j.rows_done = j.rows_done + ?, j.chunks_done = j.chunks_done + 1
       WHERE r.job_id = ? AND r.no = ? AND r.worker = ? AND r.state = 'open'
         AND j.marker_id = ? AND j.state = 'running' AND s.epoch = ?`,
      [this.rows, this.rows, task.job, task.no, this.worker, task.marker, task.epoch],
    );
    if (noted.affectedRows === 0 && (await this.#isTaken())) this.#lose('another worker has it');
    this.lost.throwIfAborted();
    return noted.affectedRows > 0;
  }

  async #isTaken(): Promise<boolean> {
    const [rows] = await this.connection.query<RowDataPacket[]>(
      `SELECT 1 FROM ${bulkRanges(this.captureSchema)} WHERE job_id = ? AND no = ? AND (worker IS NULL OR worker <> ?)`,
      [this.task.job, this.task.no, this.worker],
    );
    return rows.length > 0;
  }

  /** Whether its job is paused, cancelled or another by now. Throws the server's error. */
  async isStopped(): Promise<boolean> {
    const { task } = this;
    const [rows] = await this.connection.query<RowDataPacket[]>(
      `SELECT 1 FROM ${snapshotJobs(this.captureSchema)} WHERE id = ? AND marker_id = ? AND state = 'running'`,
      [task.job, task.marker],
    );
    return rows.length === 0;
  }

  /** Gives the range back, for another try at once. */
  async release(): Promise<void> {
    clearInterval(this.#renewing);
    await this.#renewal;
    await this.connection
      .query(
        `UPDATE ${bulkRanges(this.captureSchema)} SET worker = NULL, rows_done = 0
         WHERE job_id = ? AND no = ? AND worker = ? AND state = 'open'`,
        [this.task.job, this.task.no, this.worker],
      )
      // Then it runs out by itself.
      .catch(() => undefined);
  }

  /** Also says how far it is. */
  #renew(): Promise<void> {
    return (this.#renewal ??= this.#renewNow().finally(() => (this.#renewal = undefined)));
  }

  async #renewNow(): Promise<void> {
    const { captureSchema, task } = this;
    const asked = performance.now();
    try {
      const [renewed] = await this.connection.query<ResultSetHeader>(
        `UPDATE ${bulkRanges(captureSchema)} r JOIN ${snapshotJobs(captureSchema)} j ON j.id = r.job_id
         SET r.lease_until = UTC_TIMESTAMP(6) + INTERVAL ${LEASE_SECONDS} SECOND, r.rows_done = ?
         WHERE r.job_id = ? AND r.no = ? AND r.worker = ? AND j.marker_id = ? AND j.state = 'running'`,
        [this.rows, task.job, task.no, this.worker, task.marker],
      );
      if (renewed.affectedRows === 0) this.#lose('its job was stopped, or another worker has it');
      else this.#until = asked + LEASE_SECONDS * 1000;
      this.workers = await workersOf(this.connection, captureSchema, task);
    } catch (error) {
      this.#lose(`MySQL does not answer (${errorText(error)})`);
    }
  }

  #lose(why: string): void {
    const { no, table } = this.task;
    this.#lost.abort(transient('LEASE', `Range ${no} of ${table} is given up: ${why}.`));
  }
}

/** How many share a rate. Throws the server's error. */
async function workersOf(connection: Connection, captureSchema: string, { rate }: LoadTask): Promise<number> {
  if (rate === null) return 1;
  const [[row]] = await connection.query<RowDataPacket[]>(
    `SELECT COUNT(*) AS n FROM ${bulkRanges(captureSchema)}
     WHERE state = 'open' AND worker IS NOT NULL AND lease_until >= UTC_TIMESTAMP(6)`,
  );
  return Math.max(1, Number(row!['n']));
}
