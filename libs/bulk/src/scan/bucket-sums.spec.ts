import { hash } from 'node:crypto';
import { bucketOf, BUCKETS } from './bucket';
import { bucketSet, bucketSetText } from './bucket-set';
import { BucketSums } from './bucket-sums';

const sumsOf = (names: readonly string[]) => {
  const sums = new BucketSums();
  for (const name of names) sums.add(bucketOf(name), hash('sha256', name, 'buffer'));
  return new Map([...sums.portions(1_000)].flat().map(([bucket, ...rest]) => [bucket!, rest.join()]));
};
const many = Array.from({ length: 20_000 }, (_, at) => `n:${at}`);

describe('sums by bucket', () => {
  it('are equal for equal entries in any order, and hold every entry once', () => {
    expect(sumsOf(many)).toEqual(sumsOf([...many].reverse()));
    const counts = [...sumsOf(many).values()].map((text) => Number(text.split(',')[0]));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(many.length);
  });

  it('differ in the buckets of what one side has more, an even number of times too', () => {
    const before = sumsOf(many);
    for (const times of [1, 2, 4]) {
      const now = sumsOf([...many, ...Array<string>(times).fill('n:7')]);
      const differing = [...now.keys()].filter((bucket) => now.get(bucket) !== before.get(bucket));
      expect(differing).toEqual([bucketOf('n:7')]);
    }
  });

  it('deal names that count up to all buckets alike', () => {
    const held = new Map<number, number>();
    const names = Array.from({ length: 4 * BUCKETS }, (_, at) => `db:table:${1_000_000 + at}`);
    for (const name of names) held.set(bucketOf(name), (held.get(bucketOf(name)) ?? 0) + 1);
    // Poisson with a mean of 4: 1.8 % of the buckets are empty, and none has more than 20 but once in a million times.
    expect(held.size).toBeGreaterThan(0.97 * BUCKETS);
    expect(Math.max(...held.values())).toBeLessThan(24);
  });
});

describe('a set of buckets as a text', () => {
  it.each([[[]], [[0, 7, 8, 65_535]], [Array.from({ length: 30_000 }, (_, at) => at * 2)]])(
    'holds what it was made of, %#',
    (buckets: number[]) => {
      const text = bucketSetText(buckets);
      const { size, has } = bucketSet(text);
      expect(Array.from({ length: BUCKETS }, (_, at) => at).filter(has)).toEqual(buckets);
      expect(size).toBe(buckets.length);
      expect(text.length).toBeLessThan(11_000);
    },
  );

  it('is refused when it is another text', () => {
    expect(() => bucketSet('AAAA')).toThrow();
  });
});
