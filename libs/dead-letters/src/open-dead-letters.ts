import { readTopic, type InRecord, type TopicPiece, type Transport } from '@tributary/transport';
import { deadLetterOf, placeOf, resolvedBy, type DeadLetter } from './dead-letter';
import { fits, type DeadLetterFilter } from './filter';

export interface StoredDeadLetter {
  readonly deadLetter: DeadLetter;
  readonly record: InRecord;
}

interface Partition {
  readonly low: bigint;
  /** One bit for each offset from `low` on: 1 where an open dead letter stands. */
  readonly bits: Uint8Array;
}

/** Bounds of what is worked on at a time (R13). */
export const BATCH_RECORDS = 5_000;
const BATCH_BYTES = 32 << 20;

/**
 * Which dead letters of a topic are neither replayed nor discarded. It takes a bit for each record, whatever their size
 * and number: the dead letters themselves are read again, piece by piece (R13).
 */
export class OpenDeadLetters {
  readonly #partitions = new Map<number, Partition>();
  #count = 0;

  private constructor(
    private readonly kafka: Transport,
    private readonly topic: string,
  ) {}

  static async read(kafka: Transport, topic: string): Promise<OpenDeadLetters> {
    const open = new OpenDeadLetters(kafka, topic);
    const admin = kafka.admin();
    // Before the first service has started there is no topic, hence no dead letter.
    if (!(await admin.topics()).has(topic)) return open;
    for (const [partition, { low, high }] of await admin.watermarks(topic))
      open.#partitions.set(partition, { low, bits: new Uint8Array(Number((high - low + 7n) >> 3n)) });
    for await (const piece of readTopic(kafka, topic)) open.#take(piece);
    return open;
  }

  /** One dead letter, open or not. */
  static async find(kafka: Transport, topic: string, id: string): Promise<InRecord | undefined> {
    if (!(await kafka.admin().topics()).has(topic)) return undefined;
    for await (const { records } of readTopic(kafka, topic, firstOf([id]))) {
      // The read begins there, so it is the first record or none.
      const [record] = records;
      const isIt = record?.offset === placeOf(id)[1] && resolvedBy(record.headers) === undefined;
      return isIt ? record : undefined;
    }
    return undefined;
  }

  get count(): number {
    return this.#count;
  }

  has(id: string): boolean {
    return this.#has(...placeOf(id));
  }

  #has(partition: number, offset: string): boolean {
    const held = this.#partitions.get(partition);
    const at = held ? Number(BigInt(offset) - held.low) : -1;
    return held !== undefined && at >= 0 && ((held.bits[at >> 3] ?? 0) & (1 << (at & 7))) !== 0;
  }

  /** The open dead letters that fit (and are among `ids`), piece by piece, in the order of each partition. */
  async *pieces(filter: DeadLetterFilter, ids?: ReadonlySet<string>): AsyncGenerator<StoredDeadLetter[]> {
    const first = ids ? firstOf(ids) : this.#firsts();
    if (first.size === 0) return;
    for await (const { partition, records } of readTopic(this.kafka, this.topic, first)) {
      const found = records
        .filter(({ offset }) => this.#has(partition, offset) && (ids?.has(`${partition}:${offset}`) ?? true))
        .map((record) => ({ record, deadLetter: deadLetterOf(partition, record) }))
        .filter(({ deadLetter }) => fits(deadLetter, filter));
      if (found.length > 0) yield found;
    }
  }

  /** The same, at most `limit` of them, in batches of bounded size. */
  async *batches(
    filter: DeadLetterFilter,
    ids: ReadonlySet<string> | undefined,
    limit: number,
  ): AsyncGenerator<StoredDeadLetter[]> {
    let batch: StoredDeadLetter[] = [];
    let [left, bytes] = [limit, 0];
    for await (const piece of this.pieces(filter, ids)) {
      for (const one of piece.slice(0, left)) {
        batch.push(one);
        left -= 1;
        bytes += one.record.value?.length ?? 0;
        if (batch.length < BATCH_RECORDS && bytes < BATCH_BYTES) continue;
        yield batch;
        [batch, bytes] = [[], 0];
      }
      if (left <= 0) break;
    }
    if (batch.length > 0) yield batch;
  }

  /** Where the first open dead letter of each partition stands; partitions without one are left out. */
  #firsts(): Map<number, bigint> {
    const firsts = new Map<number, bigint>();
    for (const [partition, { low, bits }] of this.#partitions) {
      const byte = bits.findIndex((eight) => eight !== 0);
      if (byte >= 0) firsts.set(partition, low + BigInt(byte * 8));
    }
    return firsts;
  }

  #take({ partition, records }: TopicPiece): void {
    for (const record of records) {
      const resolved = resolvedBy(record.headers);
      if (resolved === undefined) this.#set(partition, record.offset, true);
      else this.#set(partition, resolved.slice(resolved.indexOf(':') + 1), false);
    }
  }

  #set(partition: number, offset: string, open: boolean): void {
    const held = this.#partitions.get(partition);
    if (!held || !/^\d+$/.test(offset) || this.#has(partition, offset) === open) return;
    const at = Number(BigInt(offset) - held.low);
    // What came after the size was taken is for the next look.
    if (at < 0 || at >> 3 >= held.bits.length) return;
    held.bits[at >> 3]! ^= 1 << (at & 7);
    this.#count += open ? 1 : -1;
  }
}

/** The lowest of these dead letters' offsets by partition. */
function firstOf(ids: Iterable<string>): Map<number, bigint> {
  const first = new Map<number, bigint>();
  for (const id of ids) {
    const [partition, offset] = placeOf(id);
    const known = first.get(partition);
    if (known === undefined || BigInt(offset) < known) first.set(partition, BigInt(offset));
  }
  return first;
}
