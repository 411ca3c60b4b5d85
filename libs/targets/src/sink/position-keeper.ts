/** Where a target notes, for one consumer group and topic, up to which offset it holds the events (R12). */
export interface PositionStore {
  /** The next offset by partition; partitions without a note are left out. Throws a SyncError `retry`. */
  read(partitions: readonly number[]): Promise<Map<number, bigint>>;
  /**
   * Moves a note forward, never back. When less than `expected` stands there (null: nothing needs to), nothing is
   * written and what stands there is the answer.
   */
  advance(partition: number, expected: bigint | null, next: bigint): Promise<Advance>;
  /** Sets a note, also back. */
  put(partition: number, next: bigint): Promise<void>;
}

/** Where a target notes, beside the positions, the id of the topic that they are on. */
export interface TopicIdStore {
  /** `null`: not noted yet. Throws a SyncError `retry`. */
  topicId(): Promise<string | null>;
  putTopicId(id: string): Promise<void>;
}

export type Advance = { readonly done: true } | { readonly done: false; readonly stands: bigint | null };

/** What Kafka knows of the group and the topic, by partition. */
export interface KafkaOffsets {
  committed(): Promise<Map<number, bigint | undefined>>;
  /** The oldest offset that is still there. */
  oldest(): Promise<Map<number, bigint>>;
}

/** A partition whose tail the target has lost: to be fed again from `offset` on. */
export interface Loss {
  readonly partition: number;
  readonly offset: bigint;
  /** Events between what the target holds and `offset` are gone from Kafka too: only a snapshot brings them back. */
  readonly needsSnapshot: boolean;
  readonly stands: bigint | null;
}

interface Tracked {
  /** The note that must at least stand in the target; null: none has been written yet. */
  expected: bigint | null;
}

/**
 * Compares the notes in the target with what this process has written, so that a target which was restored, failed
 * over or emptied is fed again instead of left with a hole.
 */
export class PositionKeeper {
  #tracked = new Map<number, Tracked>();

  constructor(
    private readonly store: PositionStore,
    private readonly kafka: KafkaOffsets,
  ) {}

  /**
   * Starts to track newly assigned partitions, and names those where the target holds less than the group has
   * committed. A note past the committed offset (a crash before the commit, an operator who went back, a topic made
   * anew) is set back, so that it never promises more than what is applied from here on. `known`: what the group has
   * committed, where that is known better than Kafka tells.
   */
  async assigned(
    partitions: readonly number[],
    known?: ReadonlyMap<number, bigint | undefined>,
  ): Promise<Loss[]> {
    const [stored, committed] = await Promise.all([
      this.store.read(partitions),
      known ?? this.kafka.committed(),
    ]);
    const losses: { partition: number; stands: bigint | null }[] = [];
    const tracked = new Map<number, Tracked>();
    for (const partition of partitions) {
      const stands = stored.get(partition) ?? null;
      const done = committed.get(partition) ?? null;
      let expected = stands;
      if (done !== null && (stands === null || stands < done)) losses.push({ partition, stands });
      else if (stands !== null && stands > (done ?? 0n))
        await this.store.put(partition, (expected = done ?? 0n));
      tracked.set(partition, { expected });
    }
    this.#tracked = tracked;
    return this.#losses(losses);
  }

  /** The oldest offsets that are still there, by partition. */
  oldest(): Promise<Map<number, bigint>> {
    return this.kafka.oldest();
  }

  /** To be asked for before a batch is applied: the batch may only advance the note under the same run. */
  run(partition: number): unknown {
    return this.#tracked.get(partition);
  }

  /** Whether events between what the target holds of a partition and this offset never came: Kafka has dropped them. */
  misses(partition: number, offset: bigint): boolean {
    const tracked = this.#tracked.get(partition);
    return tracked !== undefined && offset > (tracked.expected ?? 0n);
  }

  /**
   * Notes that everything before `next` is applied. Answers the loss when the target had lost its tail meanwhile:
   * then the partition is to be read again from there, and `fedAgain` called after that.
   */
  async advance(partition: number, run: unknown, next: bigint): Promise<Loss | undefined> {
    const tracked = this.#tracked.get(partition);
    // Read again from an earlier offset meanwhile, or given to another process: the batch will not be confirmed.
    if (!tracked || tracked !== run) return undefined;
    const result = await this.store.advance(partition, tracked.expected, next);
    if (!result.done) return (await this.#losses([{ partition, stands: result.stands }]))[0];
    if (tracked.expected === null || tracked.expected < next) tracked.expected = next;
    return undefined;
  }

  /** Looks at the notes of all tracked partitions: finds a loss where no batch comes by. */
  async check(): Promise<Loss[]> {
    const before = [...this.#tracked].map(([partition, tracked]) => ({
      partition,
      tracked,
      least: tracked.expected,
    }));
    const stored = await this.store.read(before.map(({ partition }) => partition));
    return this.#losses(
      before.flatMap(({ partition, tracked, least }) => {
        const stands = stored.get(partition) ?? null;
        const lost = least !== null && (stands === null || stands < least);
        return lost && this.#tracked.get(partition) === tracked ? [{ partition, stands }] : [];
      }),
    );
  }

  /** The consumer has gone back because of this loss: batches that were under way are not noted any more. */
  fedAgain({ partition, stands }: Loss): void {
    if (this.#tracked.has(partition)) this.#tracked.set(partition, { expected: stands });
  }

  async #losses(found: readonly { partition: number; stands: bigint | null }[]): Promise<Loss[]> {
    if (found.length === 0) return [];
    const oldest = await this.kafka.oldest();
    return found.map(({ partition, stands }) => {
      const first = oldest.get(partition) ?? 0n;
      const kept = stands !== null && stands >= first;
      return { partition, offset: kept ? stands : first, needsSnapshot: !kept, stands };
    });
  }
}
