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

const firsts = async (backlog: Backlog) =>
  [...(await backlog.of('d.t'))].map(([partition, { from }]) => [partition, from]).sort();

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
    expect(await firsts(backlog)).toEqual([
      [0, 5n],
      [1, 3n],
    ]);
  });

  it('R12: another process that left out more is not overruled', async () => {
    const store = memory();
    const [mine, theirs] = [new Backlog(store), new Backlog(store)];
    await mine.leftOut('d.t', 0, 7n);
    const read = await mine.of('d.t');
    await theirs.leftOut('d.t', 0, 4n);
    await mine.done('d.t', 0, read.get(0)!);
    expect(await firsts(mine)).toEqual([[0, 4n]]);
    await mine.done('d.t', 0, (await mine.of('d.t')).get(0)!);
    expect(await firsts(mine)).toEqual([]);
    // It is left out anew: what was known of it before must not count.
    await mine.leftOut('d.t', 0, 8n);
    expect(await firsts(theirs)).toEqual([[0, 8n]]);
  });

  it('R12: what was left out behind the same offset since it was read is not done', async () => {
    const store = memory();
    const [mine, theirs] = [new Backlog(store), new Backlog(store)];
    await mine.leftOut('d.t', 0, 7n);
    const read = await mine.of('d.t');
    await theirs.leftOut('d.t', 0, 9n);
    await mine.done('d.t', 0, read.get(0)!);
    expect(await firsts(mine)).toEqual([[0, 7n]]);
  });

  it('drops what is of a topic that is gone', async () => {
    const backlog = new Backlog(memory());
    for (const partition of [0, 1, 2]) await backlog.leftOut('d.t', partition, 7n);
    await backlog.drop([0, 2]);
    expect(await firsts(backlog)).toEqual([[1, 7n]]);
    await backlog.leftOut('d.t', 0, 9n);
    expect(await firsts(backlog)).toContainEqual([0, 9n]);
  });
});
