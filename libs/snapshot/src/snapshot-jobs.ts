import { SnapshotJob, type SnapshotJobState } from '@tributary/entities';
import { quoteTable } from '@tributary/capture';
import { fatal } from '@tributary/change-event';
import { In, IsNull, type DataSource, type Repository } from 'typeorm';
import { parseKeyBound, type KeyBound } from './key-range';

/** A job that the runner works on; `lastKey` and `rowsDone` follow its progress. */
export interface RunningJob {
  readonly id: string;
  readonly table: string;
  readonly where: string | null;
  readonly marker: bigint | null;
  lastKey: KeyBound;
  rowsDone: number;
}

/** What an operator sees of a job. */
export interface SnapshotProgress {
  readonly id: string;
  readonly table: string;
  readonly where: string | null;
  readonly state: SnapshotJobState;
  readonly rowsDone: number;
  /** The server's estimate until the job is done, then the exact count. */
  readonly rowsTotal: number;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly error: string | null;
}

const open: SnapshotJobState[] = ['queued', 'running', 'paused'];

/**
 * Snapshot jobs in the capture schema: written by operators, worked on by the leading relay. All progress is
 * there, so a job goes on at its last finished chunk whatever died (R5).
 */
export class SnapshotJobs {
  readonly #jobs: Repository<SnapshotJob>;

  constructor(private readonly source: DataSource) {
    this.#jobs = source.getRepository(SnapshotJob);
  }

  /** Queues a load of one table; one that is still open for the whole table is not queued twice. */
  async start(
    table: string,
    where: string | null = null,
    priority = 0,
  ): Promise<{ id: string; created: boolean }> {
    const same = await this.#jobs.find({ where: { tableName: table, state: In(open) } });
    const twin = same.find((job) => job.whereSql === where);
    if (twin) return { id: twin.id, created: false };
    const rowsEstimated = await this.#estimate(table);
    return { id: await this.#queue(table, where, priority, rowsEstimated), created: true };
  }

  /**
   * Queues a load of a whole table that begins after this call, because changes may have been missed: unlike `start` it
   * is not content with a load that has begun. The table need not be there at the moment.
   */
  async reload(table: string): Promise<void> {
    const waiting = { tableName: table, state: 'queued' as const, whereSql: IsNull(), markerId: IsNull() };
    if (await this.#jobs.existsBy(waiting)) return;
    await this.#queue(table, null, 0, await this.#estimate(table).catch(() => '0'));
  }

  async #queue(
    table: string,
    where: string | null,
    priority: number,
    rowsEstimated: string,
  ): Promise<string> {
    const values = { tableName: table, whereSql: where, priority, rowsEstimated, createdAt: utcNow };
    const { identifiers } = await this.#jobs.createQueryBuilder().insert().values(values).execute();
    return String(identifiers[0]!['id']);
  }

  /** Queues the first load of every table that never had a whole one; tells which. */
  async startMissing(tables: readonly string[]): Promise<string[]> {
    const jobs = await this.#jobs.find({ select: { id: true, tableName: true, whereSql: true } });
    const loaded = new Set(jobs.filter((job) => job.whereSql === null).map((job) => job.tableName));
    const missing = tables.filter((table) => !loaded.has(table));
    for (const table of missing) await this.start(table);
    return missing;
  }

  async list(): Promise<SnapshotProgress[]> {
    const jobs = await this.#jobs.find({ order: { id: 'ASC' } });
    return jobs.map((job) => ({
      id: job.id,
      table: job.tableName,
      where: job.whereSql,
      state: job.state,
      rowsDone: Number(job.rowsDone),
      rowsTotal:
        job.state === 'done'
          ? Number(job.rowsDone)
          : Math.max(Number(job.rowsEstimated), Number(job.rowsDone)),
      startedAt: job.startedAt?.toISOString() ?? null,
      finishedAt: job.finishedAt?.toISOString() ?? null,
      error: job.error,
    }));
  }

  /** Pauses, resumes or cancels the open jobs of a table, or all; gives how many changed. */
  async control(action: 'pause' | 'resume' | 'cancel', table?: string): Promise<number> {
    const [from, to] = transitions[action];
    const finished = to === 'cancelled' ? { finishedAt: utcNow } : {};
    const { affected } = await this.#jobs
      .createQueryBuilder()
      .update()
      .set({ state: to, ...finished })
      .where({ state: In(from), ...(table && { tableName: table }) })
      .execute();
    return affected ?? 0;
  }

  /** The next job to work on: one that was running when its relay died comes first. */
  async next(): Promise<RunningJob | undefined> {
    const [job] = await this.#jobs
      .createQueryBuilder('job')
      .where({ state: In(['running', 'queued']) })
      .orderBy("job.state = 'running'", 'DESC')
      .addOrderBy('job.priority', 'DESC')
      .addOrderBy('job.id', 'ASC')
      .limit(1)
      .getMany();
    return (
      job && {
        id: job.id,
        table: job.tableName,
        where: job.whereSql,
        marker: job.markerId === null ? null : BigInt(job.markerId),
        lastKey: parseKeyBound(job.lastKey),
        rowsDone: Number(job.rowsDone),
      }
    );
  }

  async begin(job: RunningJob, marker: bigint): Promise<void> {
    await this.#jobs
      .createQueryBuilder()
      .update()
      .set({
        state: 'running',
        markerId: String(marker),
        startedAt: () => 'COALESCE(started_at, UTC_TIMESTAMP(6))',
      })
      .where({ id: job.id, state: In(['queued', 'running']) })
      .execute();
  }

  async stateOf(job: RunningJob): Promise<SnapshotJobState | undefined> {
    return (await this.#jobs.findOne({ where: { id: job.id }, select: { id: true, state: true } }))?.state;
  }

  /** Notes the end of the chunk that follows the last noted one. */
  async chunkDone(job: RunningJob, chunk: { upper: KeyBound; rows: number }): Promise<void> {
    job.rowsDone += chunk.rows;
    job.lastKey = chunk.upper ?? job.lastKey;
    await this.#jobs.update(
      { id: job.id },
      { lastKey: job.lastKey && JSON.stringify(job.lastKey), rowsDone: String(job.rowsDone) },
    );
  }

  async finish(job: RunningJob): Promise<void> {
    await this.#end(job, 'done', null);
  }

  async fail(job: RunningJob, error: string): Promise<void> {
    await this.#end(job, 'failed', error);
  }

  async #end(job: RunningJob, state: SnapshotJobState, error: string | null): Promise<void> {
    await this.#jobs
      .createQueryBuilder()
      .update()
      .set({ state, error, finishedAt: utcNow })
      .where({ id: job.id })
      .execute();
  }

  /** The optimizer's estimate: information_schema's own is cached for a day on MySQL 8. */
  async #estimate(table: string): Promise<string> {
    try {
      const rows: { rows: string | number | null }[] = await this.source.query(
        `EXPLAIN SELECT 1 FROM ${quoteTable(table)}`,
      );
      return String(rows[0]?.rows ?? 0);
    } catch (error) {
      throw fatal(
        'SNAPSHOT',
        `The table ${table} cannot be loaded (${(error as Error).message}): check it against "tributary config check".`,
        error,
      );
    }
  }
}

const utcNow = () => 'UTC_TIMESTAMP(6)';

const transitions = {
  pause: [['queued', 'running'], 'paused'],
  resume: [['paused'], 'queued'],
  cancel: [open, 'cancelled'],
} as const satisfies Record<string, readonly [readonly SnapshotJobState[], SnapshotJobState]>;
