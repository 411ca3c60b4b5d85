import { ReaderWork } from './reader-work';

/** A reader with what it has to do, which the test sets. */
function reader() {
  const has = { active: 0, lag: new Map<string, bigint>(), paused: new Set<string>() };
  const work = new ReaderWork({
    ...{ active: () => has.active, lag: has.lag },
    isPaused: (partition) => has.paused.has(partition),
  });
  const fetch = (...records: (readonly [string, bigint])[]) => {
    work.fetching();
    work.fetched();
    if (records.length > 0) work.brought();
    for (const [partition, lag] of records) has.lag.set(partition, lag);
  };
  return { has, work, fetch };
}

describe('ReaderWork', () => {
  it('is there until the first answer, while batches are worked on, and while a partition is behind', () => {
    const { has, work, fetch } = reader();
    const ends: string[] = [];
    work.onEnd(() => ends.push('end'));
    expect(work.isThere).toBe(true);
    fetch();
    work.changed();
    expect(work.isThere).toBe(false);
    expect(ends).toEqual(['end']);
    fetch(['t/0', 5n], ['t/1', 0n]);
    has.active = 2;
    expect(work.isThere).toBe(true);
    has.active = 0;
    work.changed();
    expect(work.isThere).toBe(true);
    has.lag.set('t/0', 0n);
    expect(work.isThere).toBe(false);
    expect(ends).toHaveLength(1);
  });

  it('a partition that waits after a failure holds nobody up', () => {
    const { has, work, fetch } = reader();
    fetch(['t/0', 5n]);
    has.paused.add('t/0');
    expect(work.isThere).toBe(false);
    has.paused.delete('t/0');
    expect(work.isThere).toBe(true);
  });

  it('nor does a lag that no fetch brings records of, as behind the marks of transactions', () => {
    const { work, fetch } = reader();
    fetch(['t/0', 1n]);
    work.fetching();
    expect(work.isThere).toBe(true);
    work.fetched();
    let ended = 0;
    work.onEnd(() => (ended += 1));
    work.fetching();
    expect(work.isThere).toBe(false);
    expect(ended).toBe(1);
    fetch(['t/0', 1n]);
    expect(work.isThere).toBe(true);
  });
});
