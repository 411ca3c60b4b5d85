import { within } from '@tributary/kernel';
import { SnapshotJob, type SnapshotJobState } from '@tributary/capture-store';
import { In, IsNull, Not, Or, type Repository } from 'typeorm';
import { estimateRows } from './job-filter';
import type { KeyBound } from './key-range';
import { progressOf, type SnapshotProgress } from './snapshot-progress';

/** A job that the runner works on; the last three follow its progress. */
export interface RunningJob {
  readonly id: string;
  readonly table: string;
  readonly where: string | null;
  /** What it began with: its marker entry, the epoch of that id, the table's fingerprint; `null` until it has begun. */
  mark: { readonly id: bigint; readonly epoch: number; readonly shape: string | null } | null;
  /** As it is stored: see `parseKeyBound`. */
  lastKey: string | null;
  rowsDone: number;
  chunksDone: number;
}

/** A chunk whose rows Kafka has acknowledged. */
export interface FinishedChunk {
  /** Its last key; `null`: it reached the table's end. */
  readonly upper: KeyBound;
  readonly rows: number;
  /** Time that the job was worked on since the chunk before was noted. */
  readonly busyMs: number;
}

export interface StartedJob {
  readonly table: string;
  readonly id: string;
  readonly state: SnapshotJobState;
  /** False: the same load was open already. */
  readonly created: boolean;
}

const ESTIMATE_MS = 2_000;
const open: SnapshotJobState[] = ['queued', 'running', 'paused'];
const workable: SnapshotJobState[] = ['queued', 'running'];
/** The leading relay works on these; the others have workers of their own. */
const ours = { engine: 'node' } as const;

/**
 * Snapshot jobs in the capture schema: written by operators, worked on by the leading relay. All progress is
 * there, so a job goes on at its last finished chunk whatever died (R5).
 */
export class SnapshotJobs {
  readonly #jobs: Repository<SnapshotJob>;

  constructor(jobs: Repository<SnapshotJob>) {
    this.#jobs = jobs;
  }

  /**
   * Queues a load of a whole table that begins after this call, because changes may have been missed: unlike `startAll`
   * it is not content with a load that has begun. The table need not be there at the moment.
   */
  async reload(table: string): Promise<void> {
    const waiting = {
      ...ours,
      ...{ tableName: table, state: 'queued' as const, whereSql: IsNull(), markerId: IsNull() },
    };
    if (await this.#jobs.existsBy(waiting)) return;
    // An estimate is not worth a wait for whoever holds the table.
    const estimate = estimateRows((sql) => this.#jobs.query(sql), table, null).catch(() => 0);
    const rows = await within(estimate, ESTIMATE_MS, () => 0, { ref: false });
    await queue(this.#jobs, table, null, 0, rows);
  }

  /**
   * Queues loads of these tables, or none of them: throws the server's own words when it would refuse one. A load
   * that is still open with the same condition is not queued twice.
   */
  async startAll(
    tables: readonly string[],
    where: string | null = null,
    priority = 0,
  ): Promise<StartedJob[]> {
    const estimates: number[] = [];
    for (const table of tables)
      estimates.push(await estimateRows((sql) => this.#jobs.query(sql), table, where));
    return this.#jobs.manager.transaction(async ({ queryRunner }) => {
      const jobs = queryRunner!.manager.getRepository(SnapshotJob);
      const started: StartedJob[] = [];
      for (const [at, table] of tables.entries()) {
        const same = await jobs.find({ where: { ...ours, tableName: table, state: In(open) } });
        const twin = same.find((job) => job.whereSql === where);
        if (twin) {
          started.push({ table, id: twin.id, state: twin.state, created: false });
          continue;
        }
        const id = await queue(jobs, table, where, priority, estimates[at]!);
        started.push({ table, id, state: 'queued', created: true });
      }
      return started;
    });
  }

  /** Queues the first load of every table that never had a whole one, or failed ones only; tells which. */
  async startMissing(tables: readonly string[]): Promise<string[]> {
    const jobs = await this.#jobs.find({
      select: { id: true, tableName: true, whereSql: true },
      where: { state: Not('failed') },
    });
    const loaded = new Set(jobs.filter((job) => job.whereSql === null).map((job) => job.tableName));
    const missing = tables.filter((table) => !loaded.has(table));
    await this.startAll(missing);
    return missing;
  }

  /** Every job there ever was, oldest first. */
  async list(): Promise<SnapshotProgress[]> {
    return (await this.#jobs.find({ order: { id: 'ASC' } })).map(progressOf);
  }

  /** The jobs that are open, and the newest one of each table. */
  async current(): Promise<SnapshotProgress[]> {
    const newest = this.#jobs
      .createQueryBuilder('newest')
      .select('MAX(newest.id)')
      .groupBy('newest.table_name')
      .getQuery();
    const jobs = await this.#jobs
      .createQueryBuilder('job')
      .where({ state: In(open) })
      .orWhere(`job.id IN (${newest})`)
      .orderBy('job.id', 'ASC')
      .getMany();
    return jobs.map(progressOf);
  }

  /** Pauses, resumes or cancels those of these jobs that can be; gives how many changed. */
  async control(action: 'pause' | 'resume' | 'cancel', ids: readonly string[]): Promise<number> {
    const [from, to] = transitions[action];
    const finished = to === 'cancelled' ? { finishedAt: utcNow } : {};
    return this.#change({ id: In([...ids]), state: In(from) }, { state: to, ...finished });
  }

  /**
   * The jobs whose turn it is, at most `limit`: none while one of higher priority is open, begun ones first. Those of the
   * tables `but` are as if they were not there.
   */
  async due(limit: number, but: readonly string[] = []): Promise<RunningJob[]> {
    const jobs = await this.#jobs
      .createQueryBuilder('job')
      .where({ ...ours, state: In(workable), ...(but.length > 0 && { tableName: Not(In([...but])) }) })
      .orderBy('job.priority', 'DESC')
      .addOrderBy('job.started_at IS NULL', 'ASC')
      .addOrderBy('job.id', 'ASC')
      .limit(limit)
      .getMany();
    return jobs.filter(({ priority }) => priority === jobs[0]!.priority).map(runningJob);
  }

  /** Says of the loads of these tables, and of no others, for what they wait. */
  async sayWaiting(waiting: ReadonlyMap<string, string>): Promise<void> {
    const others = waiting.size === 0 ? {} : { tableName: Not(In([...waiting.keys()])) };
    await this.#change(
      { ...ours, state: 'queued', waitsFor: Not(IsNull()), ...others },
      { waitsFor: null, waitsSince: null },
    );
    for (const waitsFor of new Set(waiting.values())) {
      const tables = [...waiting.keys()].filter((table) => waiting.get(table) === waitsFor);
      await this.#change(
        { ...ours, state: 'queued', waitsFor: Or(IsNull(), Not(waitsFor)), tableName: In(tables) },
        { waitsFor, waitsSince: utcNow },
      );
    }
  }

  /** What an ended leader left running waits for its turn again. */
  async requeueRunning(): Promise<void> {
    await this.#change({ ...ours, state: 'running' }, { state: 'queued', waitsFor: null, waitsSince: null });
  }

  /** The job waits for its next turn, unless it was paused or cancelled. */
  async requeue(job: RunningJob): Promise<void> {
    await this.#change({ id: job.id, state: 'running' }, { state: 'queued' });
  }

  /**
   * Takes the job before its table is looked at and its marker is made, so that `reload` is not content with a load that may
   * have its marker already, or fails since the table was not known; false when it was paused or cancelled meanwhile.
   */
  async claim({ id }: RunningJob): Promise<boolean> {
    return (await this.#change({ id, state: In(workable) }, { state: 'running' })) > 0;
  }

  /** Notes what the job began with; false when it was paused or cancelled meanwhile. */
  async begin(job: RunningJob): Promise<boolean> {
    const begun = await this.#change(
      { id: job.id, state: In(workable) },
      {
        state: 'running',
        markerId: job.mark && String(job.mark.id),
        epoch: job.mark?.epoch ?? 0,
        shape: job.mark?.shape ?? null,
        lastKey: job.lastKey,
        rowsDone: String(job.rowsDone),
        startedAt: () => 'COALESCE(started_at, UTC_TIMESTAMP(6))',
      },
    );
    return begun > 0;
  }

  /** Notes the chunk that follows the last noted one; false when another relay works on the job. */
  async chunkDone(job: RunningJob, chunk: FinishedChunk): Promise<boolean> {
    return this.#advance(job, chunk, {}, {});
  }

  /** Notes the last chunk and the job's end in one; false when it was paused or cancelled at the last moment. */
  async finish(job: RunningJob, last: FinishedChunk): Promise<boolean> {
    return this.#advance(job, last, { state: In(workable) }, { state: 'done', finishedAt: utcNow });
  }

  /** Notes what the job waits for, `seconds` by now; `null`: for nothing any more. */
  async waits({ id }: RunningJob, waitsFor: string | null, seconds: number): Promise<void> {
    const since = `UTC_TIMESTAMP(6) - INTERVAL ${Math.round(seconds)} SECOND`;
    const waitsSince = waitsFor === null ? null : () => since;
    await this.#change({ id }, { waitsFor: waitsFor?.slice(0, 2000) ?? null, waitsSince });
  }

  async fail(job: RunningJob, error: string): Promise<void> {
    await this.#change({ id: job.id }, { state: 'failed', error, finishedAt: utcNow });
  }

  /** A chunk follows its predecessor or is not noted: two relays cannot set each other back. */
  async #advance(job: RunningJob, chunk: FinishedChunk, only: object, end: object): Promise<boolean> {
    const lastKey = chunk.upper ? JSON.stringify(chunk.upper) : job.lastKey;
    const rowsDone = job.rowsDone + chunk.rows;
    const chunksDone = job.chunksDone + 1;
    const changed = await this.#change(
      { id: job.id, chunksDone: String(job.chunksDone), ...only },
      {
        lastKey,
        rowsDone: String(rowsDone),
        chunksDone: String(chunksDone),
        busyMs: () => `busy_ms + ${Math.max(0, Math.round(chunk.busyMs))}`,
        ...end,
      },
    );
    if (changed > 0) Object.assign(job, { lastKey, rowsDone, chunksDone });
    return changed > 0;
  }

  async #change(which: object, values: object): Promise<number> {
    const { affected } = await this.#jobs.createQueryBuilder().update().set(values).where(which).execute();
    return affected ?? 0;
  }
}

const runningJob = (job: SnapshotJob): RunningJob => ({
  id: job.id,
  table: job.tableName,
  where: job.whereSql,
  mark: job.markerId === null ? null : { id: BigInt(job.markerId), epoch: job.epoch, shape: job.shape },
  lastKey: job.lastKey,
  rowsDone: Number(job.rowsDone),
  chunksDone: Number(job.chunksDone),
});

async function queue(
  jobs: Repository<SnapshotJob>,
  table: string,
  where: string | null,
  priority: number,
  rows: number,
): Promise<string> {
  const rowsEstimated = String(rows);
  const values = { tableName: table, whereSql: where, priority, rowsEstimated, createdAt: utcNow };
  const { identifiers } = await jobs.createQueryBuilder().insert().values(values).execute();
  return String(identifiers[0]!['id']);
}

const utcNow = () => 'UTC_TIMESTAMP(6)';

const transitions = {
  pause: [['queued', 'running'], 'paused'],
  resume: [['paused'], 'queued'],
  cancel: [open, 'cancelled'],
} as const satisfies Record<string, readonly [readonly SnapshotJobState[], SnapshotJobState]>;
