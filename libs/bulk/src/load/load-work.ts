import {
  DdlSentinel,
  mysqlError,
  openMysql,
  viewTables,
  type Connection,
  type TablePlan,
} from '@tributary/capture';
import { keyColumns } from '@tributary/contract';
import { fatal, pause, SyncError } from '@tributary/kernel';
import type { SyncConfig } from '@tributary/sync-config';
import { byteLength, type OutRecord, type RecordPublisher } from '@tributary/transport';
import type { TaskWork } from '../worker/task-worker';
import { loadTask, type LoadResult, type LoadTask } from './load-task';
import { RangeClaim } from './range-claim';
import { RangeRecords } from './range-records';

/** Sends under way while the next rows are read. */
const SENDS = 2;
/** How often a range is asked for that another worker has. */
const HELD_MS = 1_000;

export interface LoadDeps {
  readonly mysqlUrl: string;
  readonly config: SyncConfig;
  readonly publisher: Pick<RecordPublisher, 'start' | 'stop' | 'send'>;
}

/**
 * Loads ranges of tables as the relay loads chunks, into the topic of loads: rows by the capture expressions (R9), under one
 * floor that was taken before (R5), and never of a table that was altered meanwhile. Safe to be done twice, at the same time,
 * or by a worker that is thought dead: a lease decides who may send, and versions make repetitions harmless (R4).
 */
export async function loadWork({
  mysqlUrl,
  config,
  publisher,
}: LoadDeps): Promise<TaskWork<LoadTask, LoadResult>> {
  const connection = await openMysql(mysqlUrl);
  // Of its own: a lease must not wait behind whatever a look at the tables waits for.
  const leases = await openMysql(mysqlUrl);
  const sentinel = await DdlSentinel.open(mysqlUrl, config.captureSchema);
  await publisher.start();
  const worker = new LoadWorker({ connection, leases, sentinel }, { mysqlUrl, config, publisher });
  return {
    schema: loadTask,
    async *run(task) {
      try {
        yield await worker.run(task);
      } catch (error) {
        throw error instanceof SyncError ? error : mysqlError(error);
      }
    },
    async close() {
      connection.destroy();
      leases.destroy();
      sentinel.close();
      await publisher.stop();
    },
  };
}

class LoadWorker {
  constructor(
    private readonly source: {
      readonly connection: Connection;
      readonly leases: Connection;
      readonly sentinel: DdlSentinel;
    },
    private readonly deps: LoadDeps,
  ) {}

  async run(task: LoadTask): Promise<LoadResult> {
    const started = performance.now();
    const result = (outcome: LoadResult['outcome'], rows = 0, bytes = 0): LoadResult => ({
      ...{ job: task.job, no: task.no, outcome, rows, bytes },
      seconds: Math.round(performance.now() - started) / 1000,
    });
    if (this.deps.config.hash !== task.config)
      throw fatal(
        'CONFIG',
        'The sync file of the workers is another than that of the command: give both the same (SYNC_CONFIG).',
      );
    await this.source.sentinel.changed([task.table]);
    const plan = await this.#plan(task);
    if (!plan) return result('changed');
    const claim = await this.#claimed(task, plan);
    if (!(claim instanceof RangeClaim)) return result(claim);
    try {
      const bytes = await this.#load(task, plan, claim);
      if (bytes === 'changed') return result('changed');
      if (await claim.done()) return result('done', claim.rows, bytes);
      return result((await claim.isStopped()) ? 'stopped' : 'changed');
    } catch (error) {
      // Of a job that was stopped no try is worth anything.
      if (claim.lost.aborted && (await claim.isStopped())) return result('stopped');
      throw error;
    } finally {
      await claim.release();
    }
  }

  /** The table as it is, when it is as the job reads it, and captured. */
  async #plan({ table, fingerprint }: LoadTask): Promise<TablePlan | undefined> {
    const view = (await viewTables(this.source.connection, this.deps.config)).get(table);
    return view?.captured && view.plan.schema.fingerprint === fingerprint ? view.plan : undefined;
  }

  async #claimed(task: LoadTask, plan: TablePlan): Promise<RangeClaim | 'before' | 'stopped'> {
    const { captureSchema } = this.deps.config;
    const key = keyColumns(plan.schema);
    for (;;) {
      const claim = await RangeClaim.take(this.source.leases, captureSchema, task, key);
      if (claim !== 'held') return claim;
      await pause(HELD_MS);
    }
  }

  /** The bytes that were sent; `changed` when the table is another by now, so that nothing more was. */
  async #load(task: LoadTask, plan: TablePlan, claim: RangeClaim): Promise<number | 'changed'> {
    const { config, mysqlUrl, publisher } = this.deps;
    const records = new RangeRecords(mysqlUrl, config.prefix, plan, task);
    const sends = new Set<Promise<void>>();
    let bytes = 0;
    try {
      for await (const part of records.of(claim.bounds)) {
        if (part.length === 0) continue;
        if (sends.size === SENDS) await unlessLost(Promise.race(sends), claim.lost);
        // Asked after the rows were read: what it did not see change was read as the job says.
        if ((await this.source.sentinel.changed([task.table])) && !(await this.#plan(task))) return 'changed';
        claim.assertHeld();
        const send: Promise<void> = publisher
          .send(config.topics.loads, part)
          .then(() => void (claim.rows += part.length))
          .finally(() => sends.delete(send));
        send.catch(() => undefined);
        sends.add(send);
        bytes += bytesOf(part);
      }
      await unlessLost(Promise.all(sends), claim.lost);
      return bytes;
    } finally {
      records.close();
    }
  }
}

const bytesOf = (records: readonly OutRecord[]) =>
  records.reduce((sum, { value }) => sum + byteLength(value), 0);

/** Kafka may be away for longer than the lease lasts. */
function unlessLost<T>(work: Promise<T>, lost: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => reject(lost.reason as Error);
    if (lost.aborted) return end();
    lost.addEventListener('abort', end, { once: true });
    work.then(resolve, reject).finally(() => lost.removeEventListener('abort', end));
  });
}
