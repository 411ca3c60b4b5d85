import { header, headerText, parseVersion, type ChangeEvent, type Version } from '@tributary/contract';
import { readSpans, type InRecord, type Transport } from '@tributary/transport';

/** A row's event as it stands on a topic. */
export interface FoundEvent {
  readonly offset: string;
  readonly version: Version;
  /** c insert, u update, d delete, r read by a snapshot or a repair. */
  readonly op: ChangeEvent['op'];
  readonly snapshot: boolean;
  /** When the change was made in MySQL; of a snapshot, when the row was read. */
  readonly changedAt: string;
  /** When the record was written to this topic. */
  readonly writtenAt: string;
  readonly before: ChangeEvent['before'];
  readonly after: ChangeEvent['after'];
}

/** What was searched, and what was found there. */
export interface TopicSearch {
  readonly topic: string;
  readonly partition: number;
  /** Offsets searched: from the first, up to but without the second. */
  readonly from: string;
  readonly to: string;
  /** Whether that is everything that the topic holds of the partition, from where it was to be searched: else there may be older events. */
  readonly complete: boolean;
  /** Oldest first. */
  readonly events: readonly FoundEvent[];
}

export interface SearchBounds {
  /** Ends the search at the first span, from the end backwards, that holds an event of the row. */
  readonly newestOnly: boolean;
  /** The first offset that is looked at; without it the topic's own. */
  readonly from?: bigint;
  /** No event that was written before is looked for. */
  readonly since?: Date | undefined;
  readonly bytes: number;
  readonly ms: number;
  /** Ends the search with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Of one answer; what it was read in is garbage at once. */
const ANSWER_BYTES = 4 << 20;
/** Records of the first span from the end; each further one is three times as long. */
const FIRST_SPAN = 500n;
/** Events that are kept, the newest: bounds memory and the answer (R13). The last one need not have the highest version. */
const MOST_EVENTS = { history: 1_000, newest: 20 };

/**
 * Looks for events of one row by their key's bytes, in the partition of the key alone, from its end backwards, span by
 * span; a span that is not read to its end within the bounds counts as not searched. Throws a SyncError (`retry` when
 * Kafka is away).
 */
export async function searchTopic(
  kafka: Transport,
  topic: string,
  key: Buffer,
  bounds: SearchBounds,
): Promise<TopicSearch> {
  const partition = kafka.partitionOf(key);
  const ends = (await kafka.admin().watermarks(topic)).get(partition);
  const high = ends?.high ?? 0n;
  const low = [ends?.low ?? 0n, bounds.from ?? 0n].reduce((a, b) => (b > a ? b : a));
  const deadline = performance.now() + bounds.ms;
  const most = bounds.newestOnly ? MOST_EVENTS.newest : MOST_EVENTS.history;
  let events: FoundEvent[] = [];
  let [from, bytes, early, dropped] = [high, 0, false, false];
  for (let span = FIRST_SPAN; from > low && !early && !dropped; span *= 3n) {
    if (bounds.newestOnly && events.length > 0) break;
    const start = from - span > low ? from - span : low;
    const found: FoundEvent[] = [];
    let cut = false;
    for await (const record of spanOf(kafka, topic, partition, start, from)) {
      bounds.signal?.throwIfAborted();
      bytes += record.value?.length ?? 0;
      if ((cut = bytes > bounds.bytes || performance.now() > deadline)) break;
      if (bounds.since && Number(record.timestamp) < bounds.since.getTime()) early = true;
      else if (record.key?.equals(key)) found.push(...eventOf(record));
      if (found.length > most) dropped = found.shift() !== undefined;
    }
    if (cut) break;
    dropped ||= found.length + events.length > most;
    events = [...found, ...events].slice(-most);
    from = start;
  }
  const complete = from === low && !early && !dropped;
  return { topic, partition, from: String(from), to: String(high), complete, events };
}

/** Of the highest version: what was published again stands behind it. */
export const newestOf = (search: TopicSearch | null): FoundEvent | undefined =>
  [...(search?.events ?? [])].sort((a, b) => (a.version < b.version ? -1 : 1)).at(-1);

async function* spanOf(
  kafka: Transport,
  topic: string,
  partition: number,
  start: bigint,
  end: bigint,
): AsyncGenerator<InRecord> {
  // Other partitions are begun at their ends, so nothing of them is read.
  const startOf = (_: bigint, high: bigint, of: number) => (of === partition ? start : high);
  for await (const { records } of readSpans(kafka, topic, startOf, ANSWER_BYTES))
    for (const record of records) {
      if (BigInt(record.offset) >= end) return;
      yield record;
    }
}

/** None for a tombstone and for what is no event. */
function eventOf({ value, headers, offset, timestamp }: InRecord): FoundEvent[] {
  const version = parseVersion(headerText(headers, header.version));
  if (!value || !version) return [];
  try {
    const { op, source, before, after } = JSON.parse(value.toString('utf8')) as ChangeEvent;
    return [
      {
        ...{ offset, version, op, before, after },
        snapshot: source.snapshot === 'true',
        changedAt: new Date(source.ts_ms).toISOString(),
        writtenAt: new Date(Number(timestamp)).toISOString(),
      },
    ];
  } catch {
    return [];
  }
}
