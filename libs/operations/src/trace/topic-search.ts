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
  /** Whether that is everything that the topic holds of the partition: else there may be older events. */
  readonly complete: boolean;
  /** Oldest first. */
  readonly events: readonly FoundEvent[];
}

export interface SearchBounds {
  /** Ends the search at the first span, from the end backwards, that holds an event of the row. */
  readonly newestOnly: boolean;
  /** No event that was written before is looked for. */
  readonly since?: Date | undefined;
  readonly bytes: number;
  readonly ms: number;
}

/** Of what one event holds nothing else is kept. */
const ANSWER_BYTES = 4 << 20;
/** Records of the first span from the end; each further one is three times as long. */
const FIRST_SPAN = 20_000n;

/**
 * Looks for events of one row by their key's bytes, in the partition of the key alone, from its end backwards, span by
 * span. Throws a SyncError (`retry` when Kafka is away).
 */
export async function searchTopic(
  kafka: Transport,
  topic: string,
  key: Buffer,
  bounds: SearchBounds,
): Promise<TopicSearch> {
  const partition = kafka.partitionOf(key);
  const { low, high } = (await kafka.admin().watermarks(topic)).get(partition) ?? {
    low: 0n,
    high: 0n,
  };
  const deadline = performance.now() + bounds.ms;
  const events: FoundEvent[] = [];
  let [from, bytes, early] = [high, 0, false];
  for (let span = FIRST_SPAN; from > low && !early; span *= 3n) {
    if (performance.now() > deadline || bytes > bounds.bytes) break;
    const start = from - span > low ? from - span : low;
    const found: FoundEvent[] = [];
    for await (const record of spanOf(kafka, topic, partition, start, from)) {
      bytes += record.value?.length ?? 0;
      if (bounds.since && Number(record.timestamp) < bounds.since.getTime()) early = true;
      else if (record.key?.equals(key)) found.push(...eventOf(record));
    }
    events.unshift(...found);
    from = start;
    if (bounds.newestOnly && found.length > 0) break;
  }
  return { topic, partition, from: String(from), to: String(high), complete: from === low && !early, events };
}

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
