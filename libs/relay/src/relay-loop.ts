import type { LogEntry, LogReader } from '@tributary/capture';
import type { OutRecord } from '@tributary/transport';
import type { ChunkOutlet } from '@tributary/snapshot';
import { Acknowledgements } from './acknowledgements';
import type { DamagedEntry, EncodedPart, LeftOut } from './encoded-part';
import type { EntryEncoder } from './entry-encoder';
import type { Pacer } from './pacer';
import type { ParkedTables } from './parked-tables';
import type { SchemaEncoders } from './schema-encoders';
import type { TopicPositions } from './topic-positions';

/** Bounds of one log batch: rows for Kafka requests of a sensible size, bytes for memory (R13). */
const BATCH_ROWS = 2_000;
const BATCH_BYTES = 8 << 20;

export interface LoopDeps {
  readonly reader: {
    /** The next entries, but for those that are held. */
    readBatch(limit: number, maxBytes: number, held: readonly bigint[]): Promise<LogEntry[]>;
    readonly acknowledge: LogReader['acknowledge'];
  };
  readonly encoder: EntryEncoder;
  /** Where entries of paused tables wait, out of the log. */
  readonly parked: Pick<ParkedTables, 'parks' | 'park' | 'next' | 'release' | 'isHalfway'>;
  /** The schemas that records of the encoder name. */
  readonly schemas: Pick<SchemaEncoders, 'hasUnpublished' | 'publishSchemas'>;
  /** Resolves when Kafka has all of these records, or has what cannot fit as dead letters. */
  readonly publish: (records: OutRecord[]) => Promise<void>;
  /** Sees to changes whose row cannot be told; called before their entries are acknowledged. */
  readonly missed: (counts: ReadonlyMap<string, number>) => Promise<void>;
  /** Sees to what damaged entries may have said; called before they are acknowledged. */
  readonly damaged: (entries: readonly DamagedEntry[]) => Promise<void>;
  /** Told of entries that are skipped, by outcome and table, before they are acknowledged. */
  readonly leftOut: (outcomes: LeftOut) => Promise<void>;
  /** Publishes rows of a snapshot chunk; false: they do not fit their table any more, or it is paused, and are not published. */
  readonly publishChunk: (records: OutRecord[], table: string) => Promise<boolean>;
  readonly outlet: ChunkOutlet<OutRecord>;
  readonly pacer: Pacer;
  /** How far the topic holds what was acknowledged; stored with each acknowledgement. */
  readonly positions: Pick<TopicPositions, 'next' | 'rereading'>;
  /** Whether the loop ends because the service does: no duty has found that Kafka may lack what it confirmed. */
  readonly stops: () => boolean;
  /** Told of the entries of each batch when Kafka has what they said. Throws what `publish` does. */
  readonly passed: (entries: readonly LogEntry[]) => Promise<void>;
  /**
   * Told after each published part: records by table, when (UTC ms) the newest change among them was made, and when
   * (`performance.now`) the work on its batch began.
   */
  readonly published: (
    counts: ReadonlyMap<string, number>,
    newest: ReadonlyMap<string, number>,
    startedAt: number,
  ) => void;
}

/**
 * The one publisher of a pipeline: log batch, acknowledge by Kafka, chunk rows, again; and by time, delete exactly the
 * entries that Kafka has. Nothing is skipped (R2) because there is no cursor: what is in the log is unread, or held.
 */
export async function runRelayLoop(deps: LoopDeps, signal: AbortSignal): Promise<void> {
  const { reader, encoder, parked, schemas, publish, publishChunk, missed, outlet, pacer, positions } = deps;
  const settle = async (part: EncodedPart, startedAt: number) => {
    const { records, counts, newest, missed: lost, damaged, leftOut } = part;
    if (schemas.hasUnpublished) await schemas.publishSchemas();
    await publish(records);
    if (lost.size > 0) await missed(lost);
    if (damaged.length > 0) await deps.damaged(damaged);
    if (leftOut.size > 0) await deps.leftOut(leftOut);
    deps.published(counts, newest, startedAt);
  };
  const next = () => {
    positions.rereading = encoder.rereading;
    return positions.next();
  };
  const acks = new Acknowledgements((ids) => reader.acknowledge(ids, next()));
  let drainedSince = -Infinity;
  while (!signal.aborted) {
    const startedAt = performance.now();
    const entries = await reader.readBatch(BATCH_ROWS, BATCH_BYTES, acks.held);
    if (entries.length > 0) {
      const aside = new Set<bigint>();
      for await (const part of encoder.parts(entries, (table) => parked.parks(table))) {
        await settle(part, startedAt);
        if (part.parked.size > 0) await parked.park(part.parked);
        for (const { id } of [...part.parked.values()].flat()) aside.add(id);
      }
      await deps.passed(entries);
      acks.hold(entries.flatMap(({ id }) => (aside.has(id) ? [] : id)));
    }
    // Whoever compares topic and log after a crash must know that rows were read by their keys.
    if (acks.dueMs === 0 || encoder.rereading !== positions.rereading) await acks.settle();
    // One batch a round, between those of the log: what waited of one table must not hold up the others (R15).
    const resumed = await parked.next();
    if (resumed) {
      for await (const part of encoder.parts(resumed.entries)) await settle(part, startedAt);
      await parked.release(resumed, next());
    }
    const drained = isWholeLog(entries);
    encoder.endRound(drained && !parked.isHalfway);
    if (drained) drainedSince = startedAt;
    if (!outlet.idle) {
      await outlet.flush(drainedSince, async (rows, table) => {
        const fits = await publishChunk(rows, table);
        if (fits) deps.published(new Map([[table, rows.length]]), new Map(), startedAt);
        return fits;
      });
      continue;
    }
    if (drained && !resumed) await pacer.pause(entries.length, acks, signal);
  }
  if (deps.stops()) await acks.settle();
}

/** Whether a batch took everything that was visible: neither bound cut it (an entry is well below 1 MiB). */
function isWholeLog(entries: readonly LogEntry[]): boolean {
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  return entries.length < BATCH_ROWS && bytes < BATCH_BYTES - (1 << 20);
}
