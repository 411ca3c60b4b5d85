import { bulkRanges, relayState, snapshotJobs, type Connection } from '@tributary/capture';
import { fatal } from '@tributary/kernel';
import type { ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import type { SnapshotJobState } from '@tributary/capture-store';
import { parseKeyBound, type KeyBound } from '@tributary/snapshot';
import type { Column } from '@tributary/contract';
import type { RangeBounds } from './range-claim';

/** The server may hear a moment later that the command before has ended, and frees its lock then. */
const LOCK_SECONDS = 2;

/** What a load began with; another one makes it begin anew. */
export interface JobMark {
  readonly epoch: number;
  /** Fingerprint of the table's schema. */
  readonly shape: string;
  /** Log id of its marker. */
  readonly marker: string;
  /** Log id with which all its rows are versioned. */
  readonly floor: string;
}

/** A load that workers of an engine do. */
export interface BulkJob {
  readonly id: string;
  /** `database.table`. */
  readonly table: string;
  readonly where: string | null;
  /** `null`: it has not begun. */
  mark: JobMark | null;
}

/** How far a load is. */
export interface JobProgress {
  readonly state: SnapshotJobState;
  readonly ranges: number;
  readonly rangesDone: number;
  /** Of ranges under way, too. */
  readonly rows: number;
}

/** What of a load the plan knows. */
export interface PlannedRanges {
  readonly next: number;
  /** `undefined`: no range is planned yet; `null`: the last one ends the table. */
  readonly upper: KeyBound | undefined;
}

/**
 * Loads by an engine in the capture schema, beside the jobs of the relay: all progress is there, so a load goes on with the
 * ranges that are left whatever died (R5). On one connection, which holds a load for its command by a lock of the server.
 */
export class BulkJobs {
  readonly #jobs: string;
  readonly #ranges: string;

  constructor(
    private readonly connection: Connection,
    private readonly captureSchema: string,
  ) {
    this.#jobs = snapshotJobs(captureSchema);
    this.#ranges = bulkRanges(captureSchema);
  }

  /** The epoch of the versions that are given now. Throws a fatal SyncError when no relay has ever led. */
  async epoch(): Promise<number> {
    const [row] = await this.#rows(`SELECT epoch FROM ${relayState(this.captureSchema)} WHERE shard = 0`);
    const epoch = Number(row?.['epoch'] ?? 0);
    if (epoch === 0)
      throw fatal(
        'SNAPSHOT',
        'No relay has ever published anything, so rows would have no versions: start trigger-relay first.',
      );
    return epoch;
  }

  /** The open load of a table, or a new one, which runs from now on. Throws a fatal SyncError while another command has it. */
  async take(table: string, where: string | null, rowsEstimated: number): Promise<BulkJob> {
    await this.#lock(table);
    const [open] = await this.#rows(
      `SELECT CAST(id AS CHAR) AS id, epoch, shape, CAST(marker_id AS CHAR) AS marker, CAST(floor_id AS CHAR) AS floor
       FROM ${this.#jobs} WHERE engine = 'spark' AND table_name = ? AND where_sql <=> ? AND state IN ('queued', 'running', 'paused')
       ORDER BY id DESC LIMIT 1`,
      [table, where],
    );
    if (!open) {
      const made = await this.#change(
        `INSERT INTO ${this.#jobs} (table_name, where_sql, engine, state, rows_estimated, created_at, started_at)
         VALUES (?, ?, 'spark', 'running', ?, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))`,
        [table, where, rowsEstimated],
      );
      return { id: String(made.insertId), table, where, mark: null };
    }
    const { id, epoch, shape, marker, floor } = open as unknown as Record<string, string>;
    await this.#change(`UPDATE ${this.#jobs} SET state = 'running', waits_for = NULL WHERE id = ?`, [id]);
    const mark = floor && marker && shape ? { epoch: Number(epoch), shape, marker, floor } : null;
    return { id: id!, table, where, mark };
  }

  /** The job begins, or begins anew: what was planned and done under another mark counts no more. */
  async begin(job: BulkJob, mark: JobMark): Promise<void> {
    await this.#change(
      `UPDATE ${this.#jobs} SET epoch = ?, shape = ?, marker_id = ?, floor_id = ?, rows_done = 0, chunks_done = 0, busy_ms = 0 WHERE id = ?`,
      [mark.epoch, mark.shape, mark.marker, mark.floor, job.id],
    );
    await this.#change(`DELETE FROM ${this.#ranges} WHERE job_id = ?`, [job.id]);
    job.mark = mark;
  }

  /**
   * To be called before rows are published under an id of this epoch that is no entry's own, as the relay does (R4). False: the
   * epoch has risen meanwhile.
   */
  async noteFloor(epoch: number, id: string): Promise<boolean> {
    const { affectedRows } = await this.#change(
      `UPDATE ${relayState(this.captureSchema)} SET high_id = GREATEST(high_id, ?), updated_at = UTC_TIMESTAMP(6)
       WHERE shard = 0 AND epoch = ?`,
      [id, epoch],
    );
    return affectedRows > 0;
  }

  async planned(job: BulkJob, key: readonly Column[]): Promise<PlannedRanges> {
    const [last] = await this.#rows(
      `SELECT no, upper_key AS \`upper\` FROM ${this.#ranges} WHERE job_id = ? ORDER BY no DESC LIMIT 1`,
      [job.id],
    );
    if (!last) return { next: 0, upper: undefined };
    return { next: Number(last['no']) + 1, upper: parseKeyBound(last['upper'] as string | null, key) };
  }

  async addRange(job: BulkJob, no: number, { lower, upper }: RangeBounds): Promise<void> {
    const text = (bound: KeyBound) => bound && JSON.stringify(bound);
    await this.#change(`INSERT INTO ${this.#ranges} (job_id, no, lower_key, upper_key) VALUES (?, ?, ?, ?)`, [
      ...[job.id, no, text(lower), text(upper)],
    ]);
  }

  /** Numbers of ranges that are not done, the first ones of the table first. */
  async open(job: BulkJob, most: number): Promise<number[]> {
    const rows = await this.#rows(
      `SELECT no FROM ${this.#ranges} WHERE job_id = ? AND state = 'open' ORDER BY no LIMIT ?`,
      [job.id, most],
    );
    return rows.map(({ no }) => Number(no));
  }

  async progress(job: BulkJob): Promise<JobProgress> {
    const [row] = await this.#rows(
      `SELECT j.state, COUNT(r.no) AS ranges, COALESCE(SUM(r.state = 'done'), 0) AS done, COALESCE(SUM(r.rows_done), 0) AS n
       FROM ${this.#jobs} j LEFT JOIN ${this.#ranges} r ON r.job_id = j.id WHERE j.id = ? GROUP BY j.id`,
      [job.id],
    );
    if (!row)
      throw fatal(
        'SNAPSHOT',
        `Load ${job.id} of ${job.table} is gone from the capture schema: start it again.`,
      );
    return {
      state: row['state'] as SnapshotJobState,
      ...{ ranges: Number(row['ranges']), rangesDone: Number(row['done']), rows: Number(row['n']) },
    };
  }

  /**
   * For how long, in seconds, a worker that was lost may still be about: until its lease has run out, and `graceSeconds` more
   * for what it had sent. 0: none is.
   */
  async lostFor(job: BulkJob, graceSeconds: number): Promise<number> {
    const [row] = await this.#rows(
      `SELECT COALESCE(TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(6),
         MAX(GREATEST(COALESCE(lost_until, '1970-01-01'), IF(worker IS NULL, '1970-01-01', lease_until)))), 0) / 1000000 AS seconds
       FROM ${this.#ranges} WHERE job_id = ?`,
      [job.id],
    );
    return Math.max(0, Number(row!['seconds']) + graceSeconds);
  }

  /** How many ranges of these loads workers have, and how many have one whose lease ran out. */
  async leases(jobs: readonly BulkJob[]): Promise<{ readonly held: number; readonly lost: number }> {
    const [row] = await this.#rows(
      `SELECT COALESCE(SUM(lease_until >= UTC_TIMESTAMP(6)), 0) AS held, COALESCE(SUM(lease_until < UTC_TIMESTAMP(6)), 0) AS lost
       FROM ${this.#ranges} WHERE job_id IN (?) AND state = 'open' AND worker IS NOT NULL`,
      [jobs.map(({ id }) => id)],
    );
    return { held: Number(row!['held']), lost: Number(row!['lost']) };
  }

  /** False: the job was paused or cancelled at the last moment. */
  async finish(job: BulkJob, busyMs: number): Promise<boolean> {
    const ended = await this.#change(
      `UPDATE ${this.#jobs} SET state = 'done', finished_at = UTC_TIMESTAMP(6), busy_ms = ?, waits_for = NULL
       WHERE id = ? AND state = 'running' AND marker_id = ?`,
      [Math.round(busyMs), job.id, job.mark!.marker],
    );
    if (ended.affectedRows > 0) await this.#change(`DELETE FROM ${this.#ranges} WHERE job_id = ?`, [job.id]);
    return ended.affectedRows > 0;
  }

  /** Waits for a command that goes on with it; `why` is for people. */
  async leave(job: BulkJob, why: string): Promise<void> {
    await this.#change(
      `UPDATE ${this.#jobs} SET state = 'queued', waits_for = ?, waits_since = UTC_TIMESTAMP(6) WHERE id = ? AND state = 'running'`,
      [why, job.id],
    );
  }

  async #lock(table: string): Promise<void> {
    // Names of locks are of the whole server and have 64 characters at most.
    const [row] = await this.#rows(
      `SELECT GET_LOCK(CONCAT('tributary/bulk/', SHA1(CONCAT(?, '/', ?))), ?) AS got`,
      [this.captureSchema, table, LOCK_SECONDS],
    );
    if (Number(row!['got']) !== 1)
      throw fatal('SNAPSHOT', `Another command loads ${table} by Spark: see tributary snapshot status.`);
  }

  async #rows(sql: string, values: unknown[] = []): Promise<RowDataPacket[]> {
    return (await this.connection.query<RowDataPacket[]>(sql, values))[0];
  }

  async #change(sql: string, values: unknown[]): Promise<ResultSetHeader> {
    return (await this.connection.query<ResultSetHeader>(sql, values))[0];
  }
}
