import {
  DdlSentinel,
  insertMarker,
  LogWatcher,
  openMysql,
  readShapes,
  RollingFloor,
  type Connection,
  type FloorHold,
  type LogIdentity,
  type LogReader,
} from '@tributary/capture';
import { endDataSource } from '@tributary/capture-store';
import type { OutRecord } from '@tributary/transport';
import { SuspensionNotes, type ActivityMeter, type PausedTables } from '@tributary/service';
import { ChunkOutlet, ChunkWindows, SnapshotRunner, type SnapshotJobs } from '@tributary/snapshot';
import { BoundedLog } from './bounded-log';
import { DemandWatch } from './demand-watch';
import { Canary } from './canary';
import type { DriftReport } from './drift-watch';
import { SnapshotMarkers } from './snapshot-markers';
import { PipelineLag } from './pipeline-lag';
import { Opened } from './opened';
import { ParkedTables } from './parked-tables';
import type { JobStore, DeadLetterSender, PublishedSchemas } from './ports';
import { publishLog } from './publish-log';
import { openRereads } from './reread-row';
import { SchemaKeeper } from './schema-keeper';
import { shapeLoader } from './shape-loader';
import { snapshotRecorder } from './snapshot-recorder';
import { TableMonitor } from './table-monitor';
import { SchemaEncoders } from './schema-encoders';
import { termIdentity, type IdentityDeps } from './term-identity';

export interface TermDeps extends IdentityDeps {
  readonly activity: ActivityMeter;
  /** Shows how full the change log is, until the signal aborts. */
  readonly gauges: {
    watch(
      connection: Connection,
      captureSchema: string,
      lookSeconds: () => number,
      signal: AbortSignal,
    ): Promise<void>;
  };
  /** Shows when tables were last verified, until the signal aborts. */
  readonly verified: {
    watch(connection: Connection, captureSchema: string, signal: AbortSignal): Promise<void>;
  };
  /** Shows how far loads are, until the signal aborts. */
  readonly loads: {
    watch(jobs: SnapshotJobs, floor: { held(): FloorHold | null }, signal: AbortSignal): Promise<void>;
  };
  readonly drift: DriftReport;
  readonly schemas: PublishedSchemas;
  readonly store: JobStore;
  readonly deadLetters: DeadLetterSender;
  readonly paused: Pick<PausedTables, 'isPaused' | 'take' | 'follow' | 'clear'>;
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
  const { captureSchema } = config;
  const { source, jobs } = deps.store;
  const opened = new Opened();
  try {
    const connection = opened.add(await openMysql(mysqlUrl), (one) => one.destroy());
    const watcher = opened.add(await LogWatcher.open(mysqlUrl, captureSchema), (one) => one.close());
    await source.initialize();
    opened.add(source, endDataSource);
    const sentinel = opened.add(await DdlSentinel.open(mysqlUrl, captureSchema), (one) => one.close());
    const rereads = opened.add(await openRereads(mysqlUrl), (one) => one.destroy());
    const floor = opened.add(new RollingFloor(mysqlUrl, captureSchema), (one) => one.stop());
    const { context, drift } = deps;
    const monitor = await TableMonitor.open({ context, connection, sentinel, jobs, drift });
    const measuring = opened.add(await openMysql(mysqlUrl), (one) => one.destroy());
    const identity = await termIdentity(deps, monitor.tables(), signal);
    deps.paused.take();
    const parked = await ParkedTables.open({
      ...{ context: deps.context, reader: deps.reader, epoch: identity.epoch },
      isPaused: (table) => deps.paused.isPaused(table),
      guard: monitor.guard,
    });
    deps.context.tables.connect(new SuspensionNotes({ ...deps, loads: (table) => jobs.reload(table) }));
    const first = await jobs.startMissing(monitor.tables());
    // Before the first load reads: a TRUNCATE behind it must be seen as one, and so must one while no relay led.
    await monitor.checkTruncates();
    if (first.length > 0) deps.context.log.info({ tables: first }, 'queued the initial load');
    deps.onLeading();
    const state = {
      identity,
      connection,
      measuring,
      sentinel,
      rereads,
      watcher,
      floor,
      jobs,
      monitor,
      parked,
    };
    await untilOneEnds(signal, (term) => duties(deps, state, term, () => signal.aborted));
  } finally {
    try {
      deps.report.clear();
      deps.paused.clear();
      await deps.context.tables.disconnect();
    } finally {
      await opened.end();
    }
  }
}

interface TermState {
  readonly identity: LogIdentity;
  /** For look-ups beside the reader's connection. */
  readonly connection: Connection;
  /** For what is measured: the drift watch may hold the other one up. */
  readonly measuring: Connection;
  readonly sentinel: DdlSentinel;
  readonly rereads: Connection;
  readonly watcher: LogWatcher;
  readonly floor: RollingFloor;
  readonly jobs: SnapshotJobs;
  readonly monitor: TableMonitor;
  readonly parked: ParkedTables;
}

function duties(deps: TermDeps, state: TermState, term: AbortSignal, stops: () => boolean): Promise<void>[] {
  const { context, reader, publisher, schemas, broker, notes, positions } = deps;
  const { identity, connection, measuring, sentinel, watcher, floor, jobs, monitor, parked } = state;
  const { epoch } = identity;
  const { mysqlUrl, config } = context.env;
  const windows = new ChunkWindows();
  const outlet = new ChunkOutlet<OutRecord>();
  // On the sentinel's connection: the monitor may hold the other one up for long, behind somebody's transaction.
  const shapes = new SchemaEncoders(
    shapeLoader(sentinel.connection, config.captureSchema),
    schemas,
    publisher,
    config.prefix,
    epoch,
  );
  const bounded = new BoundedLog(context, reader, watcher, connection);
  const canary = new Canary({
    ...{ config, publisher, epoch, log: context.log },
    mark: () => insertMarker(measuring, config.captureSchema),
  });
  const runner = new SnapshotRunner<OutRecord>({
    ...{ jobs, windows, outlet, floor, epoch, log: context.log, chunkMs: config.chunkMs },
    plan: (table) => monitor.plan(table),
    waiting: () => waitingLoads(monitor, parked),
    connect: () => openMysql(mysqlUrl),
    lag: new PipelineLag(context, broker.lag()),
    insertMarker: () => markerOnItsOwn(mysqlUrl, config.captureSchema),
    loads: new SnapshotMarkers(shapes, publisher, config),
    recorder: (of) => snapshotRecorder(shapes, of),
  });
  return [
    publishLog({ ...deps, ...state, shapes, windows, outlet, bounded, canary, stops }, term),
    canary.run(term),
    runner.run(term),
    monitor.run(term),
    deps.paused.follow(term),
    new DemandWatch({
      ...{ context, broker, publisher, notes, identity, jobs, reader, positions },
      tables: () => monitor.tables(),
    }).run(term),
    new SchemaKeeper({
      ...{ context, broker, publisher, schemas },
      registered: async () =>
        (await readShapes(sentinel.connection, config.captureSchema)).map(({ schema }) => schema),
      inUse: () => shapes.schemas(),
    }).run(term),
    deps.gauges.watch(measuring, config.captureSchema, () => bounded.lookSeconds, term),
    deps.verified.watch(measuring, config.captureSchema, term),
    deps.loads.watch(jobs, floor, term),
  ];
}

/** The tables whose loads cannot begin, and for what they wait. */
function waitingLoads(monitor: TableMonitor, parked: ParkedTables): Map<string, string> {
  const paused = monitor.tables().filter((table) => parked.parks(table));
  return new Map([
    ...[...monitor.heldLoads].map(
      (table) => [table, 'capture of its table to be repaired (see the relay’s log)'] as const,
    ),
    ...paused.map((table) => [table, 'its table, which is paused (see tributary status)'] as const),
  ]);
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
