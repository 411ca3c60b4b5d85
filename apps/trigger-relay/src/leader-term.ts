import {
  captureReport,
  DdlSentinel,
  insertMarker,
  LogWatcher,
  mysqlSource,
  notGone,
  openMysql,
  readShapes,
  RollingFloor,
  viewTables,
  type Connection,
  type LogIdentity,
  type LogReader,
  type TablePlan,
  type TableView,
} from '@tributary/capture';
import { captureDataSource } from '@tributary/entities';
import type { DeadLetterWriter } from '@tributary/dead-letters';
import { consumerGroups, GroupLag, type OutRecord, type SchemaStore } from '@tributary/kafka';
import { SuspensionNotes, type ActivityMeter } from '@tributary/service';
import { ChunkOutlet, ChunkWindows, SnapshotJobs, SnapshotRunner } from '@tributary/snapshot';
import { BoundedLog } from './bounded-log';
import { CaptureStates } from './capture-states';
import { chunkPublisher } from './chunk-publisher';
import { DamagedEntries } from './damaged-entries';
import { DemandWatch } from './demand-watch';
import { DriftWatch } from './drift-watch';
import { EntryEncoder } from './entry-encoder';
import { LoadRecords } from './load-records';
import type { LogGauges } from './log-gauges';
import { MissedChanges } from './missed-changes';
import { Pacer } from './pacer';
import { PipelineLag } from './pipeline-lag';
import { publishOrBury } from './publish-or-bury';
import { runRelayLoop } from './relay-loop';
import { openRereads, rereadOn } from './reread-row';
import { SchemaKeeper } from './schema-keeper';
import { ShapeGuard } from './shape-guard';
import { shapeLoader } from './shape-loader';
import type { SnapshotGauges } from './snapshot-gauges';
import { snapshotRecorder } from './snapshot-recorder';
import { TableShapes } from './table-shapes';
import { termIdentity, type IdentityDeps } from './term-identity';
import { TruncateWatch } from './truncate-watch';

export interface TermDeps extends IdentityDeps {
  readonly activity: ActivityMeter;
  readonly gauges: LogGauges;
  readonly loads: SnapshotGauges;
  readonly schemas: SchemaStore;
  readonly letters: DeadLetterWriter;
  /** Holds the lead; it is closed by the caller. */
  readonly reader: LogReader;
  readonly onLeading: () => void;
}

/**
 * One term of leadership: decides the epoch, then publishes the log, runs snapshots, watches for drift and
 * measures the log until `signal` aborts or one of these fails; a failure ends them all.
 */
export async function leadTerm(deps: TermDeps, signal: AbortSignal): Promise<void> {
  const { mysqlUrl, config } = deps.context.env;
  const connection = await openMysql(mysqlUrl);
  const watcher = await LogWatcher.open(mysqlUrl, config.captureSchema);
  const source = await captureDataSource(mysqlUrl, config.captureSchema, mysqlSource(mysqlUrl)).initialize();
  const sentinel = await DdlSentinel.open(mysqlUrl, config.captureSchema);
  const rereads = await openRereads(mysqlUrl);
  const floor = new RollingFloor(mysqlUrl, config.captureSchema);
  try {
    const plans = new Map<string, TablePlan>();
    // A table that is gone, or unfit for capture, ends no term: the others go on, and the drift watch reports it.
    const suspended = new CaptureStates(deps.context.tables);
    suspended.take(await captureReport(connection, config));
    const views = await viewTables(connection, config, suspended.has);
    for (const [table, { plan }] of views) plans.set(table, plan);
    const identity = await termIdentity(deps, [...plans.keys()], signal);
    const jobs = new SnapshotJobs(source);
    deps.context.tables.connect(new SuspensionNotes({ ...deps, loads: (table) => jobs.reload(table) }));
    const truncates = new TruncateWatch(deps.context, connection);
    const first = await jobs.startMissing([...plans.keys()]);
    // Before the first load reads: a TRUNCATE behind it must be seen as one, and so must one while no relay led.
    await truncates.check(plans, (table) => jobs.reload(table));
    if (first.length > 0) deps.context.log.info({ tables: first }, 'queued the initial load');
    deps.onLeading();
    await untilOneEnds(signal, (term) =>
      duties(
        deps,
        { identity, connection, sentinel, rereads, watcher, floor, jobs, truncates, views, plans, suspended },
        term,
        () => signal.aborted,
      ),
    );
  } finally {
    deps.report.clear();
    await deps.context.tables.disconnect();
    await floor.stop();
    connection.destroy();
    sentinel.close();
    rereads.destroy();
    watcher.close();
    await source.destroy();
  }
}

interface TermState {
  readonly identity: LogIdentity;
  /** For look-ups beside the reader's connection. */
  readonly connection: Connection;
  readonly sentinel: DdlSentinel;
  readonly rereads: Connection;
  readonly watcher: LogWatcher;
  readonly floor: RollingFloor;
  readonly jobs: SnapshotJobs;
  readonly truncates: TruncateWatch;
  readonly views: ReadonlyMap<string, TableView>;
  readonly plans: Map<string, TablePlan>;
  readonly suspended: CaptureStates;
}

function duties(deps: TermDeps, state: TermState, term: AbortSignal, stops: () => boolean): Promise<void>[] {
  const { context, reader, publisher, schemas, letters, kafka, notes, positions } = deps;
  const {
    identity,
    connection,
    sentinel,
    rereads,
    watcher,
    floor,
    jobs,
    truncates,
    views,
    plans,
    suspended,
  } = state;
  const { epoch } = identity;
  const { log, metrics } = context;
  const { mysqlUrl, config } = context.env;
  const windows = new ChunkWindows();
  const outlet = new ChunkOutlet<OutRecord>();
  const plan = (table: string) => plans.get(table);
  // On the sentinel's connection: the drift watch may hold the other one up for long, behind somebody's transaction.
  const shapes = new TableShapes(
    shapeLoader(sentinel.connection, config.captureSchema),
    schemas,
    publisher,
    config.prefix,
    epoch,
  );
  const wanted = (table: string) => config.table(table) !== undefined;
  const guard = new ShapeGuard(
    {
      ...{ sentinel, plans },
      view: () => viewTables(sentinel.connection, config, suspended.has),
      hidden: (tables) => notGone(sentinel.connection, tables.filter(wanted)),
      onDrift: () => drift.hurry(),
    },
    views,
  );
  const missed: MissedChanges = new MissedChanges(context, jobs, (table) => drift.torn(table));
  const drift: DriftWatch = new DriftWatch({
    ...{ context, connection, jobs, truncates, guard, missed, plans, suspended },
  });
  const publish = (records: OutRecord[]) =>
    publishOrBury(records, { publisher, topic: config.topics.changes, letters, log });
  const leftOut = (table: string) =>
    suspended.has(table) ? 'suspended' : config.isExcluded(table) ? 'excluded' : undefined;
  const damaged = new DamagedEntries(context, jobs, () => [...plans.keys()]);
  const bounded = new BoundedLog(context, reader, watcher, connection);
  const loop = runRelayLoop(
    {
      reader: {
        readBatch: (...of) => bounded.readBatch(...of),
        acknowledge: (ids, next) => reader.acknowledge(ids, next),
      },
      encoder: new EntryEncoder({ shapes, guard, windows, plan, wanted, leftOut, reread: rereadOn(rereads) }),
      publish,
      missed: (counts) => missed.note(counts),
      damaged: (entries) => damaged.note(entries),
      leftOut: async (outcomes) => {
        // What is skipped comes with a load, which the note on Kafka stands for.
        await context.tables.settled();
        for (const [outcome, counts] of outcomes)
          for (const [table, count] of counts)
            metrics.events.inc({ stage: context.app, table, outcome }, count);
      },
      publishChunk: chunkPublisher({ shapes, guard, noteFloor: (id) => reader.noteFloor(id), publish }),
      outlet,
      positions,
      stops,
      pacer: new Pacer(bounded, outlet),
      published: (counts, startedAt) => {
        metrics.batchSeconds.observe({ stage: context.app }, (performance.now() - startedAt) / 1000);
        for (const [table, count] of counts) {
          metrics.events.inc({ stage: context.app, table, outcome: 'published' }, count);
          deps.activity.note(table, count);
        }
      },
    },
    term,
  ).finally(async () => {
    outlet.close(new Error('the publishing loop has ended'));
    await bounded.stop();
  });
  const runner = new SnapshotRunner<OutRecord>({
    jobs,
    plan,
    connect: () => openMysql(mysqlUrl),
    chunkMs: config.chunkMs,
    windows,
    outlet,
    floor,
    lag: pipelineLag(deps),
    insertMarker: () => markerOnItsOwn(mysqlUrl, config.captureSchema),
    epoch,
    loads: new LoadRecords(shapes, publisher, config),
    recorder: (of) => snapshotRecorder(shapes, of),
    log,
  });
  return [
    loop,
    runner.run(term),
    drift.run(term),
    new DemandWatch({
      ...{ context, kafka, publisher, notes, identity, jobs, reader, positions },
      tables: () => [...plans.keys()],
    }).run(term),
    new SchemaKeeper({
      ...{ context, kafka, publisher, schemas },
      registered: async () =>
        (await readShapes(sentinel.connection, config.captureSchema)).map(({ schema }) => schema),
      inUse: () => shapes.schemas(),
    }).run(term),
    deps.gauges.watch(connection, config.captureSchema, () => bounded.lookSeconds, term),
    deps.loads.watch(jobs, floor, term),
  ];
}

/** On a connection of its own: the drift watch may hold a table locked on the other one, which then reaches no other. */
async function markerOnItsOwn(mysqlUrl: string, captureSchema: string): Promise<bigint> {
  const connection = await openMysql(mysqlUrl);
  try {
    return await insertMarker(connection, captureSchema);
  } finally {
    connection.destroy();
  }
}

function pipelineLag({ context, kafka }: TermDeps): PipelineLag {
  const { config } = context.env;
  const { validator, mongo, redis } = consumerGroups(config);
  const { changes, validated } = config.topics;
  const stages = [
    { group: validator, topic: changes },
    { group: mongo, topic: validated },
    { group: redis, topic: validated },
  ];
  return new PipelineLag(context, new GroupLag(kafka, stages));
}

/** Runs the duties of a term; when the first fails or `outer` aborts, the others are ended and awaited. */
async function untilOneEnds(
  outer: AbortSignal,
  start: (term: AbortSignal) => Promise<void>[],
): Promise<void> {
  const failed = new AbortController();
  const term = AbortSignal.any([outer, failed.signal]);
  const running = start(term).map((duty) =>
    duty.catch((error: unknown) => {
      failed.abort();
      throw error;
    }),
  );
  const ends = await Promise.allSettled(running);
  const failure = ends.find((end) => end.status === 'rejected');
  if (failure && !outer.aborted) throw failure.reason;
}
