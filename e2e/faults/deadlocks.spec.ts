import { addedDeadlocks } from './deadlocks';

const counts = (deadlocks: number) => ({
  committed: 900,
  rolledBack: 100 - deadlocks,
  conflicts: deadlocks,
  deadlocks,
});

describe('deadlocks of a fault run', () => {
  it('R1: are held against a run without capture', () => {
    expect(addedDeadlocks(counts(10), counts(10))).toBeNull();
    expect(addedDeadlocks(counts(24), counts(10))).toBeNull();
    expect(addedDeadlocks(counts(40), counts(10))).toMatch(/4.00 % of 1000 .*without capture 1.00 %/);
    expect(addedDeadlocks(counts(6), counts(0))).toMatch(/deadlocks/);
  });
});
