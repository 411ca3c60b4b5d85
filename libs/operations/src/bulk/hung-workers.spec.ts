import { HungWorkers } from './hung-workers';

describe('workers that hang', () => {
  it.each([
    [
      'one hangs and no other works',
      [
        [1, 1, 0],
        [50, 0, 1],
        [62, 0, 1],
      ],
      true,
    ],
    [
      'others work still',
      [
        [1, 2, 0],
        [50, 1, 1],
        [120, 1, 1],
        [179, 0, 1],
      ],
      false,
    ],
    [
      'the executors are still starting, and an earlier statement lost a worker',
      [
        [1, 0, 1],
        [500, 0, 1],
      ],
      false,
    ],
    [
      'all have ended, and Spark reads what they said',
      [
        [1, 1, 0],
        [500, 0, 0],
      ],
      false,
    ],
  ] as const)('%s: %#', (_what, looks, hangs) => {
    const workers = new HungWorkers();
    for (const [second, held, lost] of looks) workers.look({ held, lost }, second * 1_000);
    expect(workers.signal.aborted).toBe(hangs);
  });
});
