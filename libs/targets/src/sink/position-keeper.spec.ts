import { PositionKeeper, type Advance, type PositionStore } from './position-keeper';

/** The rules of a store, in memory: the real ones are proven by the conformance suite. */
class MemoryStore implements PositionStore {
  readonly notes = new Map<number, bigint>();
  async read(partitions: readonly number[]) {
    return new Map([...this.notes].filter(([partition]) => partitions.includes(partition)));
  }
  async advance(partition: number, expected: bigint | null, next: bigint): Promise<Advance> {
    const stands = this.notes.get(partition) ?? null;
    if (expected !== null && (stands === null || stands < expected)) return { done: false, stands };
    if (stands === null || stands < next) this.notes.set(partition, next);
    return { done: true };
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

describe('R12: PositionKeeper', () => {
  it('a new group on a new target loses nothing', async () => {
    const { store, keeper: kept } = keeper([]);
    expect(await kept.assigned([0, 1])).toEqual([]);
    expect(await kept.advance(0, kept.run(0), 10n)).toBeUndefined();
    expect(store.notes).toEqual(new Map([[0, 10n]]));
    expect(await kept.check()).toEqual([]);
  });

  it('a target behind the group is fed from where it stands', async () => {
    const { store, keeper: kept } = keeper([[0, 100n]]);
    store.notes.set(0, 60n);
    const loss = { partition: 0, offset: 60n, needsSnapshot: false, stands: 60n };
    expect(await kept.assigned([0])).toEqual([loss]);
    expect(await kept.advance(0, kept.run(0), 70n)).toBeUndefined();
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

  it('finds at a batch or a look that the target was set back, until it is fed again', async () => {
    const { store, keeper: kept } = keeper([]);
    await kept.assigned([0]);
    await kept.advance(0, kept.run(0), 100n);
    store.notes.set(0, 30n);
    const [loss] = await kept.check();
    expect(loss).toEqual({ partition: 0, offset: 30n, needsSnapshot: false, stands: 30n });
    expect(await kept.advance(0, kept.run(0), 110n)).toEqual(loss);
    expect(store.notes.get(0)).toBe(30n);
    const before = kept.run(0);
    kept.fedAgain(loss!);
    expect(await kept.advance(0, before, 120n)).toBeUndefined();
    expect(store.notes.get(0)).toBe(30n);
    expect(await kept.advance(0, kept.run(0), 40n)).toBeUndefined();
    expect(store.notes.get(0)).toBe(40n);
  });
});
