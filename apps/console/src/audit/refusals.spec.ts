import { Refusals } from './refusals';

describe('refused calls', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('of a caller ten are written in a minute, then how many more there were', () => {
    const refusals = new Refusals();
    const more: number[] = [];
    const counts = (caller: string) => refusals.counts(caller, (many) => more.push(many));
    expect(Array.from({ length: 25 }, () => counts('vera')).filter(Boolean)).toHaveLength(10);
    expect(counts('otto')).toBe(true);
    jest.advanceTimersByTime(60_000);
    expect(more).toEqual([15]);
    expect(counts('vera')).toBe(true);
  });
});
