import { differingShare } from './sample-bound';

describe('what a sample says of the whole', () => {
  // The rule of three, and published exact bounds.
  it.each([
    [1000, 0, 0.002991],
    [300, 0, 0.009936],
    [10, 0, 0.258866],
    [10, 1, 0.394163],
    [100, 5, 0.102253],
  ])('%d rows, %d of them different: at most %f', (rows, differing, share) => {
    expect(differingShare(rows, differing)).toBeCloseTo(share, 5);
  });

  it('says nothing without rows, or when all of them differ', () => {
    expect(differingShare(0, 0)).toBe(1);
    expect(differingShare(5, 5)).toBe(1);
  });
});
