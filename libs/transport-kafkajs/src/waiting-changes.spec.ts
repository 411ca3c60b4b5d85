import { WaitingChanges } from './waiting-changes';

const record = (table: string, at: number) => ({
  ...{ key: Buffer.from(`{"table":"${table}","key":{"id":1}}`), value: null, headers: {} },
  ...{ offset: '0', timestamp: String(at) },
});
const a = [record('d.a', 10), record('d.b', 20), record('d.a', 30)];

describe('waiting changes', () => {
  it('tells the oldest of each table, of all partitions', () => {
    const changes = new WaitingChanges();
    changes.fetched('t/0', a, false);
    changes.fetched('t/1', [record('d.b', 15)], false);
    expect([...changes.oldest()]).toEqual([
      ['d.a', 10],
      ['d.b', 15],
    ]);
    changes.confirmed('t/0', 2);
    expect([...changes.oldest()]).toEqual([
      ['d.a', 30],
      ['d.b', 15],
    ]);
    changes.confirmed('t/0', 1);
    changes.confirmed('t/1', 1);
    expect([...changes.oldest()]).toEqual([]);
  });

  it('tells what it knows of a batch that failed until that is fetched again', () => {
    const changes = new WaitingChanges();
    changes.fetched('t/0', a, false);
    changes.confirmed('t/0', 1);
    changes.released('t/0');
    expect([...changes.oldest()]).toEqual([
      ['d.b', 20],
      ['d.a', 30],
    ]);
    changes.fetched('t/0', a.slice(1), false);
    changes.confirmed('t/0', 2);
    changes.released('t/0');
    expect([...changes.oldest()]).toEqual([]);
  });

  it('tells of changes that were not fetched, which are younger than the last that was', () => {
    const changes = new WaitingChanges();
    changes.fetched('t/0', a, true);
    changes.confirmed('t/0', 3);
    expect([...changes.oldest()]).toEqual([[undefined, 30]]);
    changes.fetched('t/0', [], true);
    expect([...changes.oldest()]).toEqual([[undefined, 30]]);
    changes.fetched('t/0', [record('d.a', 40)], false);
    expect([...changes.oldest()]).toEqual([['d.a', 40]]);
  });

  it('forgets partitions that others have', () => {
    const changes = new WaitingChanges();
    changes.fetched('t/0', a, true);
    changes.keepOnly(new Set(['t/1']));
    expect([...changes.oldest()]).toEqual([]);
  });
});
