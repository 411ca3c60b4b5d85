import type { Connection, LogReader } from '@tributary/capture';
import type { OutRecord, RecordSender } from '@tributary/transport';
import type { ActivityMeter } from '@tributary/service';
import type { ChunkOutlet, ChunkWindows, SnapshotJobs } from '@tributary/snapshot';
import type { BoundedLog } from './bounded-log';
import type { Canary } from './canary';
import { chunkPublisher } from './chunk-publisher';
import { DamagedEntries } from './damaged-entries';
import type { LeftOut } from './encoded-part';
import { EntryEncoder } from './entry-encoder';
import { Pacer } from './pacer';
import type { ParkedTables } from './parked-tables';
import type { DeadLetterSender, RelayContext } from './ports';
import { publishOrDeadLetter } from './publish-or-dead-letter';
import { runRelayLoop } from './relay-loop';
import { rereadOn } from './reread-row';
import type { TableMonitor } from './table-monitor';
import type { SchemaEncoders } from './schema-encoders';
import type { TopicPositions } from './topic-positions';

export interface PublishingDeps {
  readonly context: RelayContext;
  readonly reader: LogReader;
  readonly publisher: RecordSender;
  readonly deadLetters: DeadLetterSender;
  readonly positions: TopicPositions;
  readonly activity: ActivityMeter;
  readonly jobs: SnapshotJobs;
  readonly monitor: TableMonitor;
  readonly parked: ParkedTables;
  /** Rows are read on it; see `openRereads`. */
  readonly rereads: Connection;
  readonly shapes: SchemaEncoders;
  readonly windows: ChunkWindows;
  readonly outlet: ChunkOutlet<OutRecord>;
  readonly bounded: BoundedLog;
  readonly canary: Pick<Canary, 'passed'>;
  /** Whether the loop ends because the service does. */
  readonly stops: () => boolean;
}

/** The publishing loop of a term with all its parts; resolves when it has ended and the outlet is closed. */
export async function publishLog(deps: PublishingDeps, term: AbortSignal): Promise<void> {
  const {
    context,
    reader,
    publisher,
    deadLetters,
    positions,
    monitor,
    parked,
    shapes,
    windows,
    outlet,
    bounded,
  } = deps;
  const { config } = context.env;
  const { guard } = monitor;
  const damaged = new DamagedEntries(context, deps.jobs, () => monitor.tables());
  const publish = (records: OutRecord[]) =>
    publishOrDeadLetter(records, {
      ...{ publisher, topic: config.topics.changes, deadLetters, log: context.log },
      onRejected: (table) => context.metrics.count(table, 'dead_letter'),
    });
  const encoder = new EntryEncoder({
    ...{ shapes, guard, windows, reread: rereadOn(deps.rereads) },
    plan: (table) => monitor.plan(table),
    wanted: (table) => config.table(table) !== undefined,
    leftOut: (table) => monitor.leftOut(table),
  });
  try {
    await runRelayLoop(
      {
        reader: {
          readBatch: (...of) => bounded.readBatch(...of),
          acknowledge: (ids, next) => reader.acknowledge(ids, next),
        },
        ...{ encoder, parked, schemas: shapes, publish, outlet, positions, stops: deps.stops },
        missed: (counts) => monitor.noteMissed(counts),
        damaged: (entries) => damaged.note(entries),
        leftOut: (outcomes) => countLeftOut(context, outcomes),
        publishChunk: chunkPublisher({
          ...{ shapes, guard, publish },
          noteFloor: (id) => reader.noteFloor(id),
          parks: (table) => parked.parks(table),
        }),
        passed: (entries) => deps.canary.passed(entries),
        pacer: new Pacer(bounded, outlet),
        published: (...of) => countPublished(deps, ...of),
      },
      term,
    );
  } finally {
    outlet.close(new Error('the publishing loop has ended'));
    await bounded.stop();
  }
}

/** What is skipped comes with a load, which the note on Kafka stands for. */
async function countLeftOut({ tables, metrics }: RelayContext, outcomes: LeftOut): Promise<void> {
  await tables.settled();
  for (const [outcome, counts] of outcomes)
    for (const [table, count] of counts) metrics.count(table, outcome, count);
}

function countPublished(
  { context: { metrics, app }, activity }: Pick<PublishingDeps, 'context' | 'activity'>,
  counts: ReadonlyMap<string, number>,
  newest: ReadonlyMap<string, number>,
  startedAt: number,
): void {
  metrics.batchSeconds.observe({ stage: app }, (performance.now() - startedAt) / 1000);
  for (const [table, count] of counts) {
    metrics.count(table, 'published', count);
    const changedAtMs = newest.get(table);
    if (changedAtMs !== undefined) metrics.acknowledged(table, changedAtMs);
    activity.note(table, count);
  }
}
