import type { EachBatchPayload } from 'kafkajs';
import type { BeforeCommit, Positions } from '@tributary/transport';

/** Commits of one assignment; rejects when Kafka does not take them. */
export type Commit = EachBatchPayload['commitOffsetsIfNecessary'];
type Offsets = NonNullable<Parameters<Commit>[0]>;

export interface ConfirmedOffsetsOptions {
  /** After the first of them. */
  readonly everyMs: number;
  /** Or as soon as so many records are confirmed: a reader of the group's lag should not see more than there is. */
  readonly everyRecords: number;
  readonly beforeCommit?: BeforeCommit;
  /** `beforeCommit` has thrown; it is called again after `everyMs`. */
  readonly onTrouble: (error: unknown) => void;
  /** Kafka has taken commits. */
  readonly onCommitted: () => void;
}

/** A place that a handler has confirmed. */
export interface Confirmed {
  readonly topic: string;
  readonly partition: number;
  readonly next: bigint;
  /** Of the topic that the offset is on; `null` where the broker tells none. */
  readonly topicId: string | null;
  /** Confirmed since the one before. */
  readonly records: number;
}

const keyOf = (topic: string, partition: number) => `${topic}/${partition}`;

/**
 * Offsets that handlers have confirmed and Kafka does not know yet: committed together, by time. Late is safe, early is
 * not (R12): after a crash the records behind the last commit come again.
 */
export class ConfirmedOffsets {
  readonly #options: ConfirmedOffsetsOptions;
  readonly #waiting = new Map<string, { latest: Confirmed }>();
  #commit: Commit | undefined;
  #records = 0;
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<void> = Promise.resolve();
  #refusal: unknown;

  constructor(options: ConfirmedOffsetsOptions) {
    this.#options = options;
  }

  note(confirmed: Confirmed, commit: Commit): void {
    const key = keyOf(confirmed.topic, confirmed.partition);
    const waiting = this.#waiting.get(key);
    if (waiting) waiting.latest = confirmed;
    else this.#waiting.set(key, { latest: confirmed });
    this.#commit = commit;
    this.#records += confirmed.records;
    if (this.#records >= this.#options.everyRecords) void this.flush();
    else this.#later();
  }

  /** The partition is read again from elsewhere: what was confirmed of it is not committed any more. */
  forget(topic: string, partition: number): void {
    this.#waiting.delete(keyOf(topic, partition));
  }

  /** The partitions may be others' now. */
  forgetAll(): void {
    this.#waiting.clear();
    this.#refusal = undefined;
    this.stop();
  }

  /** Throws, once, why Kafka did not take the last commit. */
  throwIfRefused(): void {
    const refusal = this.#refusal;
    this.#refusal = undefined;
    if (refusal !== undefined) throw refusal;
  }

  /** Commits what is confirmed so far. Never throws: what was not committed waits for the next time, or comes again. */
  flush(): Promise<void> {
    this.stop();
    this.#records = 0;
    this.#turn = this.#turn.then(() => this.#flush());
    return this.#turn;
  }

  /** Ends the timer; `note` starts it again. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #later(): void {
    this.#timer ??= setTimeout(() => void this.flush(), this.#options.everyMs);
  }

  async #flush(): Promise<void> {
    const found = [...this.#waiting].map(([key, waiting]) => ({ key, waiting, place: waiting.latest }));
    if (found.length === 0) return;
    const commit = this.#commit!;
    try {
      await this.#options.beforeCommit?.(positionsOf(found.map(({ place }) => place)));
    } catch (error) {
      this.#options.onTrouble(error);
      return this.#later();
    }
    // What was forgotten meanwhile is not confirmed any more.
    const left = found.filter(({ key, waiting }) => this.#waiting.get(key) === waiting);
    if (left.length === 0) return;
    try {
      await commit(offsetsOf(left.map(({ place }) => place)));
    } catch (error) {
      this.#refusal = error;
      return this.#later();
    }
    this.#refusal = undefined;
    this.#options.onCommitted();
    for (const { key, waiting, place } of left)
      if (this.#waiting.get(key) === waiting && waiting.latest === place) this.#waiting.delete(key);
    if (this.#waiting.size > 0) this.#later();
  }
}

function positionsOf(places: readonly Confirmed[]): Positions {
  const positions: Positions = new Map();
  for (const { topic, partition, next } of places) {
    const partitions = positions.get(topic) ?? new Map<number, bigint>();
    positions.set(topic, partitions.set(partition, next));
  }
  return positions;
}

function offsetsOf(places: readonly Confirmed[]): Offsets {
  const topics = new Set(places.map(({ topic }) => topic));
  return {
    topics: [...topics].map((topic) => ({
      topic,
      partitions: places
        .filter((place) => place.topic === topic)
        // The client's type knows no metadata, the client hands it on.
        .map(({ partition, next, topicId }) => ({ partition, offset: String(next), metadata: topicId })),
    })),
  };
}
