import { KeyDigest } from './key-digest';

const digestOf = (keys: Iterable<string>) => {
  const digest = new KeyDigest();
  for (const key of keys) digest.add(key);
  return digest;
};
const many = Array.from({ length: 20_000 }, (_, at) => `key ${at}`);

describe('digest of a set of keys', () => {
  it('is equal for equal sets in any order', () => {
    expect(digestOf(many).differences(digestOf([...many].reverse()))).toBeUndefined();
  });

  it('finds the buckets of what one side has more', () => {
    const differs = digestOf(many).differences(digestOf([...many.slice(1), 'a stranger']));
    expect(['key 0', 'a stranger'].map((key) => differs!(key))).toEqual([true, true]);
    expect(many.filter((key) => differs!(key)).length).toBeLessThan(20);
  });

  it('sees a key that is there twice, an even number of times too', () => {
    for (const times of [2, 3, 4])
      expect(digestOf(['a']).differences(digestOf(Array(times).fill('a')))).toBeDefined();
    expect(digestOf([]).differences(digestOf(['a', 'a']))!('a')).toBe(true);
  });
});
