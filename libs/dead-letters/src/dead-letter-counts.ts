import { deadLetterHeader, lastHeaderText } from '@tributary/contract';
import type { InRecord, TopicReader, Transport } from '@tributary/transport';
import { placeOf, resolvedBy } from './dead-letter';

/** Of one answer; their values are not kept. */
const READ_BYTES = 4 << 20;
const WAIT_MS = 250;
/** Dead letters of a partition that are kept count of; older ones are taken for resolved (R13). */
const MOST = 200_000;
/** Codes are a byte each; foreign ones beyond that are one. */
const MOST_CODES = 250;
const UNKNOWN = 'unknown';
const RESOLVED = 0;

/** Dead letters from offset `low` on, a few bytes each. */
interface Partition {
  low: bigint;
  readonly codes: number[];
  readonly seconds: number[];
}

/** How many dead letters are neither replayed nor discarded: read once, and from then on what has come since. */
export class DeadLetterCounts {
  readonly #partitions = new Map<number, Partition>();
  /** From 1 on. */
  readonly #codes = [UNKNOWN];
  readonly #positions = new Map<number, bigint>();
  #reader: TopicReader | undefined;

  constructor(
    private readonly kafka: Pick<Transport, 'reader'>,
    private readonly topic: string,
  ) {}

  /** Takes in what has come. Calls must not overlap. Throws a SyncError, `retry` while Kafka is away. */
  async refresh(): Promise<void> {
    try {
      this.#reader ??= await this.#open();
      await this.#read(this.#reader);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const reader = this.#reader;
    this.#reader = undefined;
    await reader?.close();
  }

  /** Open ones by code. */
  byCode(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { codes } of this.#partitions.values())
      for (const code of codes)
        if (code !== RESOLVED) {
          const name = this.#codes[code - 1]!;
          counts.set(name, (counts.get(name) ?? 0) + 1);
        }
    return counts;
  }

  /** When the oldest open one was written, UTC milliseconds; `null`: there is none. */
  oldestMs(): number | null {
    let oldest = Infinity;
    for (const { codes, seconds } of this.#partitions.values()) {
      const first = codes.findIndex((code) => code !== RESOLVED);
      if (first >= 0) oldest = Math.min(oldest, seconds[first]! * 1000);
    }
    return Number.isFinite(oldest) ? oldest : null;
  }

  async #open(): Promise<TopicReader> {
    const reader = this.kafka.reader(this.topic, READ_BYTES);
    await reader.open();
    return reader;
  }

  async #read(reader: TopicReader): Promise<void> {
    const [low, high] = [await reader.offsets('low'), await reader.offsets('high')];
    const wanted = new Map<number, bigint>();
    for (const [partition, end] of high) {
      const at = this.#positions.get(partition);
      // A topic that ends before our place was made anew, or cut.
      if (at !== undefined && at > end) this.#forget(partition);
      this.#drop(partition, low.get(partition)!);
      const from = this.#positions.get(partition) ?? 0n;
      wanted.set(partition, from > low.get(partition)! ? from : low.get(partition)!);
    }
    for (const open = new Map(wanted); ;) {
      for (const [partition, at] of open) if (at >= high.get(partition)!) open.delete(partition);
      if (open.size === 0) return;
      const fetched = await reader.fetch(open, WAIT_MS);
      for (const [partition, records] of fetched) for (const record of records) this.#take(partition, record);
      for (const [partition, at] of open) this.#positions.set(partition, at);
      if (fetched.size === 0) return; // the next call goes on
    }
  }

  #forget(partition: number): void {
    this.#partitions.delete(partition);
    this.#positions.delete(partition);
  }

  /** What Kafka has deleted is open no longer. */
  #drop(partition: number, low: bigint): void {
    const held = this.#partitions.get(partition);
    if (!held || low <= held.low) return;
    const gone = Math.min(Number(low - held.low), held.codes.length);
    held.codes.splice(0, gone);
    held.seconds.splice(0, gone);
    held.low = low;
  }

  #take(partition: number, { offset, headers, timestamp }: InRecord): void {
    const at = BigInt(offset);
    const held: Partition = this.#partitions.get(partition) ?? { low: at, codes: [], seconds: [] };
    this.#partitions.set(partition, held);
    const index = Number(at - held.low);
    while (held.codes.length <= index) {
      held.codes.push(RESOLVED);
      held.seconds.push(0);
    }
    const resolved = resolvedBy(headers);
    if (resolved === undefined) {
      held.codes[index] = this.#codeOf(lastHeaderText(headers, deadLetterHeader.code) ?? UNKNOWN);
      held.seconds[index] = Number(timestamp) / 1000;
    } else this.#resolve(resolved);
    if (held.codes.length > MOST) this.#drop(partition, held.low + BigInt(MOST / 10));
  }

  #resolve(id: string): void {
    const [partition, offset] = placeOf(id);
    const held = this.#partitions.get(partition);
    if (!held || !/^\d+$/.test(offset ?? '')) return;
    const index = Number(BigInt(offset) - held.low);
    if (index >= 0 && index < held.codes.length) held.codes[index] = RESOLVED;
  }

  #codeOf(code: string): number {
    const known = this.#codes.indexOf(code);
    if (known >= 0) return known + 1;
    return this.#codes.length < MOST_CODES ? this.#codes.push(code) : 1;
  }
}
