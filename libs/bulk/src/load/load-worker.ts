import { viewTables, type Connection, type DdlSentinel, type TablePlan } from '@tributary/capture';
import { keyColumns } from '@tributary/contract';
import { fatal, isLarge, pause, RateLimiter } from '@tributary/kernel';
import { targetSettings } from '@tributary/sync-config';
import { targetPlugins, type ConnectedTarget, type TargetPlugin } from '@tributary/targets';
import type { OutRecord } from '@tributary/transport';
import { DirectWriter } from './direct-writer';
import type { LoadResult, LoadTask } from './load-task';
import type { LoadDeps } from './load-work';
import { RangeClaim } from './range-claim';
import { RangeRecords } from './range-records';
import { bytesOf, largestOf } from './record-bytes';

/** Parts under way while the next rows are read. */
const SENDS = 2;
/** How often a range is asked for that another worker has. */
const HELD_MS = 1_000;

/** Of a rate: what a slow read has cost is made up for, in a burst no longer than this. */
const MAKE_UP_MS = 250;

/** Loads one range after the other. */
export class LoadWorker {
  readonly #targets = new Map<TargetPlugin, Promise<Pick<ConnectedTarget, 'writer'>>>();

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
    const { config, mysqlUrl } = this.deps;
    const send = await this.#way(task, plan);
    const records = new RangeRecords(mysqlUrl, config.prefix, plan, task);
    const pace = new RateLimiter(task.rate ?? Infinity, { signal: claim.lost, makeUpMs: MAKE_UP_MS });
    const sends = new Set<Promise<void>>();
    let bytes = 0;
    try {
      for await (const part of records.of(claim.bounds)) {
        if (part.length === 0) continue;
        if (sends.size === SENDS) await unlessLost(Promise.race(sends), claim.lost);
        // Asked after the rows were read: what it did not see change was read as the job says.
        if ((await this.source.sentinel.changed([task.table])) && !(await this.#plan(task))) return 'changed';
        claim.assertHeld();
        const sent: Promise<void> = send(part)
          .then(() => void (claim.rows += part.length))
          .finally(() => sends.delete(sent));
        sent.catch(() => undefined);
        sends.add(sent);
        bytes += bytesOf(part);
        // The next one is not read beside it (R13).
        if (isLarge(largestOf(part))) await unlessLost(Promise.all(sends), claim.lost);
        // As if it had sent what the others send meanwhile.
        await pace.did(part.length * claim.workers);
      }
      await unlessLost(Promise.all(sends), claim.lost);
      return bytes;
    } finally {
      records.close();
    }
  }

  /** How parts of a range go. */
  async #way(
    { via }: LoadTask,
    { schema, settings }: TablePlan,
  ): Promise<(part: OutRecord[]) => Promise<void>> {
    const { config, publisher } = this.deps;
    const toKafka = (part: readonly OutRecord[]) => publisher.send(config.topics.loads, part);
    if (via === 'kafka') return toKafka;
    const used = targetPlugins.filter(({ name }) => targetSettings(settings, name).enabled);
    const connected = await Promise.all(
      used.map(async (target) => [target, await this.#connected(target)] as const),
    );
    const writer = new DirectWriter(config, schema, connected);
    return async (part) => {
      // Those are taken one at a time there, and cost a worker no more memory than a load through Kafka (R13).
      if (isLarge(largestOf(part))) return toKafka(part);
      const left = await writer.write(part);
      if (left.length > 0) await toKafka(left);
    };
  }

  #connected(target: TargetPlugin): Promise<Pick<ConnectedTarget, 'writer'>> {
    const known = this.#targets.get(target) ?? this.deps.connectTarget(target);
    this.#targets.set(target, known);
    return known;
  }

  async close(): Promise<void> {
    for (const connected of this.#targets.values())
      await connected.then(({ writer }) => writer.close()).catch(() => undefined);
  }
}

/** Kafka may be away for longer than the lease lasts. */
function unlessLost<T>(work: Promise<T>, lost: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => reject(lost.reason as Error);
    if (lost.aborted) return end();
    lost.addEventListener('abort', end, { once: true });
    work.then(resolve, reject).finally(() => lost.removeEventListener('abort', end));
  });
}
