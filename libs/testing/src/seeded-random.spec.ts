import { SeededRandom } from './seeded-random';

const draw = (random: SeededRandom) => Array.from({ length: 20 }, () => random.integer(1, 1_000));

describe('SeededRandom', () => {
  it('follows from the seed alone', () => {
    expect(draw(new SeededRandom(7))).toEqual(draw(new SeededRandom(7)));
    expect(draw(new SeededRandom(7))).not.toEqual(draw(new SeededRandom(8)));
  });

  it('forks streams that do not shift each other', () => {
    const random = new SeededRandom(7);
    const before = draw(random.fork('faults'));
    draw(random);
    expect(draw(random.fork('faults'))).toEqual(before);
    expect(draw(random.fork('workload'))).not.toEqual(before);
  });

  it('stays within its bounds and keeps all cards when it shuffles', () => {
    const random = new SeededRandom(1);
    const numbers = Array.from({ length: 2_000 }, () => random.integer(3, 5));
    expect([...new Set(numbers)].sort()).toEqual([3, 4, 5]);
    expect(random.shuffled([1, 2, 3, 4, 5]).sort()).toEqual([1, 2, 3, 4, 5]);
  });
});
