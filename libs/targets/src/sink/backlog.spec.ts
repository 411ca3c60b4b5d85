import { Backlog } from './backlog';

function memory() {
  const held = new Map<string, string>();
  let reads = 0;
  return {
    tables: async () => [...held.keys()],
    read: async (table: string) => ((reads += 1), held.get(table) ?? null),
    replace: async (table: string, before: string | null, after: string) =>
      (held.get(table) ?? null) === before && Boolean(held.set(table, after)),
    reads: () => reads,
  };
}

describe('backlog', () => {
  it('R12: keeps the first offset of each partition, and asks the target once', async () => {
    const store = memory();
    const backlog = new Backlog(store);
    await backlog.leftOut('d.t', 0, 7n);
    await backlog.leftOut('d.t', 1, 3n);
    const reads = store.reads();
    await backlog.leftOut('d.t', 0, 9n);
    expect(store.reads()).toBe(reads);
    await backlog.leftOut('d.t', 0, 5n);
    expect(await backlog.of('d.t')).toEqual(
      new Map([
        [0, 5n],
        [1, 3n],
      ]),
    );
  });

  it('R12: another process that left out more is not overruled', async () => {
    const store = memory();
    const [mine, theirs] = [new Backlog(store), new Backlog(store)];
    await mine.leftOut('d.t', 0, 7n);
    await theirs.leftOut('d.t', 0, 4n);
    await mine.done('d.t', 0, 7n, null);
    expect(await mine.of('d.t')).toEqual(new Map([[0, 4n]]));
    await mine.done('d.t', 0, 4n, 6n);
    expect(await mine.of('d.t')).toEqual(new Map([[0, 6n]]));
    await mine.done('d.t', 0, 6n, null);
    expect(await mine.of('d.t')).toEqual(new Map());
    // It is left out anew: what was known of it before must not count.
    await mine.leftOut('d.t', 0, 8n);
    expect(await theirs.of('d.t')).toEqual(new Map([[0, 8n]]));
  });
});
