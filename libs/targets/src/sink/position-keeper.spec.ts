import { PositionKeeper, type Advance, type PositionStore } from './position-keeper';

/** The rules of a store, in memory: the real ones are proven by the conformance suite. */
class MemoryStore implements PositionStore {
  readonly notes = new Map<number, bigint>();
  connection = 1;
  writes = 0;
  async read(partitions: readonly number[]) {
    return new Map([...this.notes].filter(([partition]) => partitions.includes(partition)));
  }
  async advance(moves: readonly Advance[]) {
    this.writes += 1;
    const refused = new Map<number, bigint | null>();
    for (const { partition, expected, next } of moves) {
      const stands = this.notes.get(partition) ?? null;
      if (expected !== null && (stands === null || stands < expected)) refused.set(partition, stands);
      else if (stands === null || stands < next) this.notes.set(partition, next);
    }
    return refused;
  }
  async put(partition: number, next: bigint) {
    this.notes.set(partition, next);
  }
}

function keeper(committed: [number, bigint][], oldest = 0n) {
  const store = new MemoryStore();
  const kafka = {
    committed: async () => new Map(committed),
    oldest: async () => new Map([[0, oldest]]),
  };
  return { store, keeper: new PositionKeeper(store, kafka) };
}

/** Applies and notes at once; answers the first loss. */
async function advance(kept: PositionKeeper, partition: number, next: bigint, run = kept.run(partition)) {
  kept.applied(partition, run, next);
  return (await kept.note([partition]))[0];
}

describe('R12: PositionKeeper', () => {
  it('a new group on a new target loses nothing', async () => {
    const { store, keeper: kept } = keeper([]);
    expect(await kept.assigned([0, 1])).toEqual([]);
    expect(await advance(kept, 0, 10n)).toBeUndefined();
    expect(store.notes).toEqual(new Map([[0, 10n]]));
    expect(await kept.check()).toEqual([]);
  });

  it('a target behind the group is fed from where it stands', async () => {
    const { store, keeper: kept } = keeper([[0, 100n]]);
    store.notes.set(0, 60n);
    const loss = { partition: 0, offset: 60n, needsSnapshot: false, stands: 60n };
    expect(await kept.assigned([0])).toEqual([loss]);
    expect(await advance(kept, 0, 70n)).toBeUndefined();
    expect(store.notes.get(0)).toBe(70n);
  });

  it('an empty target, or one older than what Kafka keeps, is fed from the oldest event on and needs a snapshot', async () => {
    const { store, keeper: kept } = keeper([[0, 100n]], 40n);
    expect(await kept.assigned([0])).toEqual([
      { partition: 0, offset: 40n, needsSnapshot: true, stands: null },
    ]);
    store.notes.set(0, 20n);
    expect(await kept.assigned([0])).toMatchObject([{ offset: 40n, needsSnapshot: true, stands: 20n }]);
  });

  it('a note past the committed offset is set back, so that it never promises too much', async () => {
    const { store, keeper: kept } = keeper([[0, 50n]]);
    store.notes.set(0, 90n).set(1, 90n);
    expect(await kept.assigned([0, 1])).toEqual([]);
    expect(store.notes).toEqual(
      new Map([
        [0, 50n],
        [1, 0n],
      ]),
    );
  });

  it('finds at a batch or a look that the target was set back, until it is read again', async () => {
    const { store, keeper: kept } = keeper([]);
    await kept.assigned([0]);
    await advance(kept, 0, 100n);
    store.notes.set(0, 30n);
    const [loss] = await kept.check();
    expect(loss).toEqual({ partition: 0, offset: 30n, needsSnapshot: false, stands: 30n });
    expect(await advance(kept, 0, 110n)).toEqual(loss);
    expect(store.notes.get(0)).toBe(30n);
    const before = kept.run(0);
    kept.rewound(loss!);
    expect(await advance(kept, 0, 120n, before)).toBeUndefined();
    expect(store.notes.get(0)).toBe(30n);
    expect(await advance(kept, 0, 40n)).toBeUndefined();
    expect(store.notes.get(0)).toBe(40n);
  });

  it('to go back is no loss, neither meanwhile nor after it, and what was under way is not noted', async () => {
    const { store, keeper: kept } = keeper([[0, 100n]]);
    store.notes.set(0, 100n);
    await kept.assigned([0]);
    const before = kept.run(0);
    kept.applied(0, before, 110n);
    let seen: unknown;
    store.put = async (partition, next) => {
      store.notes.set(partition, next);
      seen = [await kept.note([0]), await kept.check()];
    };
    let reads = 110n;
    const back = kept.goBack(0, 40n, async () => {
      reads = 40n;
      await Promise.resolve();
      expect(kept.isOver(0, before)).toBe(true);
    });
    expect(kept.isOver(0, before)).toBe(false);
    expect([await back, reads, seen]).toEqual([true, 40n, [[], []]]);
    expect(await advance(kept, 0, 120n, before)).toBeUndefined();
    expect([store.notes.get(0), kept.stands(0)]).toEqual([40n, 40n]);
    expect(await kept.check()).toEqual([]);
    expect(await kept.goBack(1, 0n, () => Promise.reject(new Error('not ours')))).toBe(false);
  });

  it('notes all partitions in one request, and nothing again', async () => {
    const { store, keeper: kept } = keeper([]);
    await kept.assigned([0, 1, 2]);
    for (const partition of [0, 1, 2]) kept.applied(partition, kept.run(partition), 5n);
    expect(kept.misses(0, 5n)).toBe(false);
    expect(kept.misses(0, 6n)).toBe(true);
    expect(await kept.note([0, 1, 2])).toEqual([]);
    expect(await kept.note([0, 1, 2])).toEqual([]);
    expect(store.writes).toBe(1);
    expect([...store.notes.values()]).toEqual([5n, 5n, 5n]);
  });

  it('what was applied over a connection that is gone is not noted but applied again', async () => {
    const { store, keeper: kept } = keeper([]);
    await kept.assigned([0]);
    await advance(kept, 0, 10n);
    kept.applied(0, kept.run(0), 20n);
    store.connection += 1;
    kept.applied(0, kept.run(0), 30n);
    const [loss] = await kept.note([0]);
    expect(loss).toEqual({ partition: 0, offset: 10n, needsSnapshot: false, stands: 10n, inDoubt: true });
    expect(store.notes.get(0)).toBe(10n);
    kept.rewound(loss!);
    expect(await advance(kept, 0, 30n)).toBeUndefined();
    expect(store.notes.get(0)).toBe(30n);
  });

  it('an applied tail in doubt is neither lost where its note stands, nor more than lost where none does', async () => {
    const { store, keeper: kept } = keeper([]);
    await kept.assigned([0, 1]);
    kept.applied(0, kept.run(0), 20n);
    kept.applied(1, kept.run(1), 20n);
    store.connection += 1;
    store.notes.set(0, 20n);
    expect(await kept.note([0, 1])).toEqual([
      { partition: 1, offset: 0n, needsSnapshot: false, stands: null, inDoubt: true },
    ]);
  });
});
