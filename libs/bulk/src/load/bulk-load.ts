import type { TablePlan } from '@tributary/capture';
import {
  controlRecord,
  formatVersion,
  keyColumns,
  type ControlKind,
  inEveryPartition,
} from '@tributary/contract';
import { pause } from '@tributary/kernel';
import type { SyncConfig } from '@tributary/sync-config';
import type { SchemaStore } from '@tributary/topics';
import type { RecordSender } from '@tributary/transport';
import type { BulkJob, BulkJobs, JobMark } from './bulk-jobs';
import type { LoadTask, LoadWay } from './load-task';
import { planRanges } from './range-plan';
import type { JobFloor } from './take-floor';

/** What a worker had sent before it was lost has reached Kafka after this, or never does. */
const GRACE_SECONDS = 30;

export interface BulkLoadDeps {
  readonly mysqlUrl: string;
  readonly config: SyncConfig;
  readonly jobs: BulkJobs;
  readonly publisher: RecordSender;
  readonly schemas: Pick<SchemaStore, 'publish'>;
  readonly via: LoadWay;
  readonly rate: LoadTask['rate'];
  /** Told what is waited for, for people: one sentence, again and again. */
  readonly waits: (sentence: string) => void;
}

/** The load of one table by workers: what the relay does around the chunks of its own loads, done around their ranges. */
export class BulkLoad {
  #planned = false;

  constructor(
    private readonly deps: BulkLoadDeps,
    readonly job: BulkJob,
    readonly plan: TablePlan,
  ) {}

  /** The same job, with the table as it is now. */
  withPlan(plan: TablePlan): BulkLoad {
    return new BulkLoad(this.deps, this.job, plan);
  }

  /**
   * Begins the job, or lets it go on where it was when the table and the epoch are the same. `floor` takes the one for all of
   * it under an epoch, before any range is read (R5). True: it goes on.
   */
  async begin(floor: (epoch: number) => Promise<JobFloor>): Promise<boolean> {
    const { jobs } = this.deps;
    const epoch = await jobs.epoch();
    const shape = this.plan.schema.fingerprint;
    const { mark } = this.job;
    if (mark?.epoch === epoch && mark.shape === shape) return true;
    this.#planned = false;
    const ids = await floor(epoch);
    const begun = { epoch, shape, ...ids };
    if (!(await jobs.noteFloor(epoch, ids.floor))) return this.begin(floor);
    await this.deps.schemas.publish(this.deps.publisher, this.plan.schema);
    // Before the mark is stored: after a crash in between the job begins with another one, and says so again.
    if (this.job.where === null) await this.#say('load', begun);
    await jobs.begin(this.job, begun);
    return false;
  }

  /** Plans ranges of `rows` rows until `open` of them wait, or the table ends; gives the tasks of those that wait. */
  async tasks(rows: number, open: number, signal: AbortSignal): Promise<LoadTask[]> {
    const { jobs, mysqlUrl } = this.deps;
    let waiting = await jobs.open(this.job, open);
    if (!this.#planned && waiting.length < open) {
      const known = await jobs.planned(this.job, keyColumns(this.plan.schema));
      let { next } = known;
      this.#planned = known.upper === null;
      if (!this.#planned)
        for await (const range of planRanges(mysqlUrl, this.plan, rows, known.upper ?? null)) {
          signal.throwIfAborted();
          await jobs.addRange(this.job, next, range);
          waiting = [...waiting, next];
          next += 1;
          this.#planned = range.upper === null;
          if (waiting.length >= open) break;
        }
    }
    return waiting.map((no) => this.#task(no));
  }

  /**
   * Tells the sinks that all rows are there, so that they remove what is older; to be called when Kafka holds every range. Not
   * before every worker that was lost has ended itself. False: the job was paused or cancelled meanwhile.
   */
  async end(busyMs: number, signal: AbortSignal): Promise<boolean> {
    const { jobs } = this.deps;
    for (
      let left = await jobs.lostFor(this.job, GRACE_SECONDS);
      left > 0;
      left = await jobs.lostFor(this.job, GRACE_SECONDS)
    ) {
      this.deps.waits(`${Math.ceil(left)} s for workers that were lost to have ended`);
      await pause(Math.min(left, 5) * 1000, signal);
      signal.throwIfAborted();
    }
    const { state } = await jobs.progress(this.job);
    if (state !== 'running') return false;
    if (this.job.where === null) await this.#say('sweep', this.job.mark!);
    return jobs.finish(this.job, busyMs);
  }

  /** Puts a control record into every partition of the topic of loads. */
  async #say(kind: ControlKind, { epoch, marker }: JobMark): Promise<void> {
    const { config, publisher } = this.deps;
    const { topics, partitions } = config;
    const { table, fingerprint } = this.plan.schema;
    const record = controlRecord({
      ...{ kind, table, schema: fingerprint, job: this.job.id, partitions },
      floor: formatVersion(epoch, BigInt(marker)),
    });
    await publisher.send(topics.loads, inEveryPartition(record, partitions));
  }

  #task(no: number): LoadTask {
    const { id: job, table, where, mark } = this.job;
    const { epoch, marker, floor, shape: fingerprint } = mark!;
    const { config, via, rate } = this.deps;
    const pinned = { job, no, table, fingerprint, where, epoch, marker, floor };
    return { ...pinned, config: config.hash, via, rate };
  }
}
