import { SeededRandom } from '@tributary/testing';
import { UnreadIds } from './unread-ids';

describe('UnreadIds', () => {
  it('R2: leaves out nothing that was not read, however ids come, and looks at few ranges', () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const random = new SeededRandom(seed);
      const ids = new UnreadIds(() => 0);
      const read = new Set<bigint>();
      for (let round = 0; round < 60; round += 1) {
        const first = BigInt(random.integer(1, 300 + round * 20));
        const batch = Array.from(
          { length: random.integer(0, 30) },
          (_, at) => first + BigInt(at * random.integer(1, 3)),
        );
        const rising = [...new Set(batch)].sort((a, b) => Number(a - b)).filter((id) => !read.has(id));
        ids.read(rising);
        for (const id of rising) read.add(id);
        const bound = BigInt(random.integer(0, 50));
        const { above, gaps } = ids.above(bound);
        expect(gaps.length).toBeLessThanOrEqual(16);
        const looked = (id: bigint) => id > above || gaps.some(({ from, to }) => from <= id && id <= to);
        for (let id = 1n; id < 2_000n; id += 1n) {
          if (!read.has(id) && id > bound && !looked(id)) throw new Error(`seed ${seed}: ${id} is left out`);
          if (id <= bound && looked(id)) throw new Error(`seed ${seed}: ${id} is below the bound`);
          if (!read.has(id) && !ids.isUnread(id)) throw new Error(`seed ${seed}: ${id} counts as read`);
        }
      }
    }
  });

  it('looks only above what was read without a gap, and in the gap of a late commit until it has come', () => {
    let now = 0;
    const ids = new UnreadIds(() => now);
    ids.read([1n, 2n, 3n]);
    expect(ids.above(0n)).toEqual({ above: 3n, gaps: [] });
    ids.read([6n]);
    expect(ids.above(0n)).toEqual({ above: 6n, gaps: [{ from: 4n, to: 5n }] });
    expect([ids.soon, ids.isUnread(4n), ids.isUnread(6n)]).toEqual([3n, true, false]);
    now = 60_000;
    expect(ids.soon).toBe(6n);
    ids.read([4n]);
    expect([ids.soon, ids.isUnread(4n)]).toEqual([4n, false]);
    ids.read([5n]);
    expect(ids.above(0n)).toEqual({ above: 6n, gaps: [] });
    ids.clear();
    expect(ids.above(0n)).toEqual({ above: 0n, gaps: [] });
  });
});
