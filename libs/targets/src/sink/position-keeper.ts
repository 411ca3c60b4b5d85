/** The note of a partition is to be moved forward. */
export interface Advance {
  readonly partition: number;
  /** What stands there at least; null: nothing needs to. */
  readonly expected: bigint | null;
  readonly next: bigint;
}

/** What stands, by partition, where less than expected does. */
export type Refused = ReadonlyMap<number, bigint | null>;

/** Where a target notes, for one consumer group and topic, up to which offset it holds the events (R12). */
export interface PositionStore {
  /**
   * Another one whenever the target may have lost, with the connection, what it had acknowledged over it; the notes then
   * stand for what it surely holds.
   */
  readonly connection: number;
  /** The next offset by partition; partitions without a note are left out. Throws a SyncError `retry`. */
  read(partitions: readonly number[]): Promise<Map<number, bigint>>;
  /** Moves notes forward, never back, in one request; those where less than expected stands are left as they are. */
  advance(moves: readonly Advance[]): Promise<Refused>;
  /** Sets a note, also back. */
  put(partition: number, next: bigint): Promise<void>;
}

/** Where a target notes, beside the positions, the id of the topic that they are on. */
export interface TopicIdStore {
  /** `null`: not noted yet. Throws a SyncError `retry`. */
  topicId(): Promise<string | null>;
  putTopicId(id: string): Promise<void>;
}

/** What Kafka knows of the group and the topic, by partition. */
export interface KafkaOffsets {
  committed(): Promise<Map<number, bigint | undefined>>;
  /** The oldest offset that is still there. */
  oldest(): Promise<Map<number, bigint>>;
}

/** A partition whose tail the target has lost: to be read again from `offset` on. */
export interface Loss {
  readonly partition: number;
  readonly offset: bigint;
  /** Events between what the target holds and `offset` are gone from Kafka too: only a snapshot brings them back. */
  readonly needsSnapshot: boolean;
  readonly stands: bigint | null;
  /** Perhaps nothing is lost: the target was away after it had applied what it had not noted yet. */
  readonly inDoubt?: true;
}

interface Tracked {
  /** The note that must at least stand in the target; null: none has been written yet. */
  expected: bigint | null;
  /** What is applied and not noted yet; null: nothing. */
  applied: bigint | null;
  /** Over which connection the first of that was applied. */
  since: number;
}

/** What a round must know of a partition before it is applied. */
export interface Run {
  readonly tracked: unknown;
  readonly connection: number;
}

interface Found {
  readonly partition: number;
  readonly stands: bigint | null;
  readonly inDoubt?: boolean;
}

/**
 * Compares the notes in the target with what this process has written, so that a target which was restored, failed
 * over or emptied is read again instead of left with a hole.
 */
export class PositionKeeper {
  #tracked = new Map<number, Tracked>();
  /** Of which the notes are being set back. */
  readonly #goingBack = new WeakSet<Tracked>();

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
    const losses: Found[] = [];
    const tracked = new Map<number, Tracked>();
    for (const partition of partitions) {
      const stands = stored.get(partition) ?? null;
      const done = committed.get(partition) ?? null;
      let expected = stands;
      if (done !== null && (stands === null || stands < done)) losses.push({ partition, stands });
      else if (stands !== null && stands > (done ?? 0n))
        await this.store.put(partition, (expected = done ?? 0n));
      tracked.set(partition, { expected, applied: null, since: 0 });
    }
    this.#tracked = tracked;
    return this.#losses(losses);
  }

  /** Everything of a partition before this is done; `undefined`: nothing is known of it. */
  stands(partition: number): bigint | undefined {
    const tracked = this.#tracked.get(partition);
    return tracked && (tracked.applied ?? tracked.expected ?? 0n);
  }

  /**
   * Sets the note of a partition back, and then what is read, by `rewind`, which must do so before it waits for anything.
   * Answers whether it has; not where the partition was given to another process. Throws what the target or `rewind` does.
   */
  async goBack(partition: number, offset: bigint, rewind: () => Promise<void>): Promise<boolean> {
    const tracked = this.#tracked.get(partition);
    if (!tracked) return false;
    // What stands there is meant to: it is no loss.
    this.#goingBack.add(tracked);
    try {
      await this.store.put(partition, offset);
      if (this.#tracked.get(partition) !== tracked) return false;
      const rewound = rewind();
      this.rewound({ partition, stands: offset });
      await rewound;
      return true;
    } finally {
      this.#goingBack.delete(tracked);
    }
  }

  /** Whether the partition has gone back, or was given away, since this was asked for: the round will not be confirmed. */
  isOver(partition: number, { tracked }: Run): boolean {
    return this.#tracked.get(partition) !== tracked;
  }

  /** The oldest offsets that are still there, by partition. */
  oldest(): Promise<Map<number, bigint>> {
    return this.kafka.oldest();
  }

  /** To be asked for before a batch is applied: what is noted of it depends on what has happened since. */
  run(partition: number): Run {
    return { tracked: this.#tracked.get(partition), connection: this.store.connection };
  }

  /** Whether events between what the target holds of a partition and this offset never came: Kafka has dropped them. */
  misses(partition: number, offset: bigint): boolean {
    const tracked = this.#tracked.get(partition);
    return tracked !== undefined && offset > (tracked.applied ?? tracked.expected ?? 0n);
  }

  /** Everything before `next` is applied: the next note says so. */
  applied(partition: number, { tracked: at, connection }: Run, next: bigint): void {
    const tracked = this.#tracked.get(partition);
    // Read again from an earlier offset meanwhile, or given to another process: the batch will not be confirmed.
    if (!tracked || tracked !== at) return;
    if (tracked.applied === null) tracked.since = connection;
    tracked.applied = next;
  }

  /**
   * Notes in the target, in one request, what is applied of these partitions; to be called before offsets are confirmed.
   * Answers where the target had lost its tail meanwhile, or may have: such a partition is to be read again from there,
   * and `rewound` called after that.
   */
  async note(partitions: readonly number[]): Promise<Loss[]> {
    const applied = partitions.flatMap((partition) => {
      const tracked = this.#tracked.get(partition);
      return tracked && tracked.applied !== null && !this.#goingBack.has(tracked)
        ? [{ partition, tracked, next: tracked.applied }]
        : [];
    });
    const { connection } = this.store;
    const safe = applied.filter(({ tracked }) => tracked.since === connection);
    const moves = safe.map(({ partition, tracked: { expected }, next }) => ({ partition, expected, next }));
    const refused = moves.length > 0 ? await this.store.advance(moves) : new Map<number, bigint | null>();
    const found: Found[] = [];
    for (const { partition, tracked, next } of safe) {
      if (this.#tracked.get(partition) !== tracked || this.#goingBack.has(tracked)) continue;
      if (refused.has(partition)) found.push({ partition, stands: refused.get(partition) ?? null });
      else settle(tracked, next);
    }
    return this.#losses([
      ...found,
      ...(await this.#doubtful(applied.filter(({ tracked }) => tracked.since !== connection))),
    ]);
  }

  /** What was applied over a connection that is gone counts as far as the target has noted it. */
  async #doubtful(
    applied: readonly { partition: number; tracked: Tracked; next: bigint }[],
  ): Promise<Found[]> {
    if (applied.length === 0) return [];
    const stored = await this.store.read(applied.map(({ partition }) => partition));
    return applied.flatMap(({ partition, tracked, next }): Found[] => {
      const stands = stored.get(partition) ?? null;
      if (this.#tracked.get(partition) !== tracked || this.#goingBack.has(tracked)) return [];
      const lost = tracked.expected !== null && (stands === null || stands < tracked.expected);
      if (lost) return [{ partition, stands }];
      if (stands === null || stands < next) return [{ partition, stands, inDoubt: true }];
      // Written although its answer was lost.
      settle(tracked, next);
      return [];
    });
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
        const isSame = this.#tracked.get(partition) === tracked && !this.#goingBack.has(tracked);
        return lost && isSame ? [{ partition, stands }] : [];
      }),
    );
  }

  /** The consumer has gone back because of this loss: batches that were under way are not noted any more. */
  rewound({ partition, stands }: Pick<Loss, 'partition' | 'stands'>): void {
    if (this.#tracked.has(partition))
      this.#tracked.set(partition, { expected: stands, applied: null, since: 0 });
  }

  async #losses(found: readonly Found[]): Promise<Loss[]> {
    if (found.length === 0) return [];
    const oldest = await this.kafka.oldest();
    return found.map(({ partition, stands, inDoubt }) => {
      const first = oldest.get(partition) ?? 0n;
      const kept = stands !== null && stands >= first;
      // A group that has noted nothing yet began at the oldest event.
      const needsSnapshot = !kept && !(inDoubt && stands === null);
      return { partition, offset: kept ? stands : first, needsSnapshot, stands, ...(inDoubt && { inDoubt }) };
    });
  }
}

function settle(tracked: Tracked, noted: bigint): void {
  if (tracked.expected === null || tracked.expected < noted) tracked.expected = noted;
  if (tracked.applied === noted) tracked.applied = null;
}
