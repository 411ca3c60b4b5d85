import { SeededRandom } from '@tributary/testing';
import { ChangePlan, type ChangeStep } from './change-plan';
import { RowMaker } from './generator';
import { makePools } from './pools';

const pools = makePools(1);
const keys = Array.from({ length: 500 }, (_, at) => String(at + 1));

function steps(seed: number, changes: number): ChangeStep[] {
  const plan = new ChangePlan(
    'users',
    new RowMaker(new SeededRandom(seed), pools),
    keys,
    9_007_199_254_740_993n,
  );
  const planned: ChangeStep[] = [];
  for (let done = 0; done < changes; done += planned.at(-1)?.changes ?? 0)
    planned.push(plan.next(changes - done));
  return planned;
}

describe('change plan', () => {
  it('is the same for the same seed', () => {
    expect(steps(1, 500)).toEqual(steps(1, 500));
    expect(steps(1, 500)).not.toEqual(steps(2, 500));
  });

  it('adds up to exactly the changes asked for', () => {
    for (const changes of [1, 5, 13, 2_000])
      expect(steps(3, changes).reduce((sum, step) => sum + step.changes, 0)).toBe(changes);
  });

  it('mixes every kind of step', () => {
    expect(new Set(steps(1, 2_000).map((step) => step.kind)).size).toBe(14);
  });

  it('goes on when its keys run out', () => {
    const plan = new ChangePlan('repositories', new RowMaker(new SeededRandom(1), pools), [], 1n);
    for (let at = 0; at < 300; at += 1) expect(plan.next(50).statements.length).toBeGreaterThan(0);
  });
});
