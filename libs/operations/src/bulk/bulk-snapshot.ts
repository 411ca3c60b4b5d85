import type { TablePlan } from '@tributary/capture';
import { BulkJobs, BulkLoad, takeFloor } from '@tributary/bulk';
import { estimateRows } from '@tributary/snapshot';
import { ensureTopics, SchemaStore } from '@tributary/topics';
import type { OperationContext } from '../context';
import { withPublisher } from '../with-publisher';
import { capturedPlans } from './captured-plans';
import { openEngine } from './engine';
import type { BulkSnapshotInput, BulkSnapshotResult } from './load-result';
import { Loading } from './loading';
import { refuseDirect } from './refuse-direct';

/** What a load that was left waits for, as `snapshot status` says it. */
const GOES_ON = 'tributary snapshot start --engine spark, which goes on with it';

/**
 * Loads whole tables by workers of a Spark cluster, beside live changes, through a topic of their own. Whatever dies, the same
 * call again goes on with the ranges that are left. Throws a SyncError; with the signal's reason when that aborts.
 */
export function bulkSnapshot(
  context: OperationContext,
  input: BulkSnapshotInput,
): Promise<readonly BulkSnapshotResult[]> {
  return withPublisher(context, async (publisher) => {
    const { servers, note } = context;
    const { config } = servers;
    const signal = context.signal ?? new AbortController().signal;
    const [connection, watching] = [await servers.mysql(), await servers.mysql()];
    await ensureTopics(servers.kafka, config);
    const plans = await capturedPlans(connection, context, input.table);
    if (input.via === 'direct') await refuseDirect(context, plans);
    const where = input.where ?? null;
    const estimates = new Map<string, number>();
    for (const { settings } of plans)
      estimates.set(
        settings.table,
        await estimateRows(async (sql) => (await connection.query(sql))[0], settings.table, where),
      );
    const jobs = new BulkJobs(connection, config.captureSchema);
    await jobs.epoch();
    const engine = await openEngine(context, input);
    const loads: BulkLoad[] = [];
    try {
      const deps = {
        ...{ mysqlUrl: servers.env.mysqlUrl, config, jobs, publisher },
        via: input.via ?? 'kafka',
        schemas: new SchemaStore(servers.kafka, config.topics.schemas, context.log),
        waits: (what: string) => note(`Waiting for ${what}`),
      };
      const open = async (plan: TablePlan) => {
        const { table } = plan.settings;
        return new BulkLoad(deps, await jobs.take(table, where, estimates.get(table)!), plan);
      };
      const { captureSchema } = config;
      const floor = () =>
        takeFloor({ mysqlUrl: deps.mysqlUrl, captureSchema, connection, waits: deps.waits }, signal);
      for (const plan of plans) loads.push(await open(plan));
      const watch = new BulkJobs(watching, config.captureSchema);
      return await new Loading(
        { context, input, engine, jobs, watch, signal, estimates, floor },
        loads,
      ).run();
    } finally {
      // Those that have not ended.
      for (const { job } of loads) await jobs.leave(job, GOES_ON).catch(() => undefined);
      await engine.close();
    }
  });
}
