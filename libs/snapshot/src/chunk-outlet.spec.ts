import { ChunkOutlet, TableChanged } from './chunk-outlet';
import { ChunkWindows } from './chunk-window';

const rows = (...keys: string[]) => keys.map((key) => ({ key, record: `row ${key}` }));

describe('chunk outlet', () => {
  const windows = new ChunkWindows();

  it('R5: holds a chunk back until the log was read to its end after the chunk was read', async () => {
    const outlet = new ChunkOutlet<string>();
    const window = windows.open('db.t', 10n);
    window.viewAt = 100;
    const published: string[][] = [];
    const publish = (records: string[]) => Promise.resolve(published.push(records) > 0);
    const done = outlet.submit({ window, rows: rows('1', '2') });
    await outlet.flush(99, publish);
    expect(published).toEqual([]);
    await outlet.flush(101, publish);
    await done;
    expect(published).toEqual([['row 1', 'row 2']]);
    expect(outlet.idle).toBe(true);
  });

  it('R5: leaves out rows whose newer change is on the topic, and keeps those whose older one is', async () => {
    const outlet = new ChunkOutlet<string>();
    const window = windows.open('db.t', 10n);
    window.viewAt = 0;
    windows.note('db.t', 11n, '1');
    windows.note('db.t', 9n, '2');
    windows.note('db.other', 12n, '3');
    const published: string[] = [];
    const done = outlet.submit({ window, rows: rows('1', '2', '3') });
    await outlet.flush(1, (records, table) => {
      expect(table).toBe('db.t');
      published.push(...records);
      return Promise.resolve(true);
    });
    await done;
    expect(published).toEqual(['row 2', 'row 3']);
    windows.close(window);
  });

  it('publishes in the end although the log never runs empty: versions keep it right', async () => {
    const outlet = new ChunkOutlet<string>();
    const window = windows.open('db.t', 10n);
    window.viewAt = 100;
    let rounds = 0;
    const done = outlet.submit({ window, rows: rows('1') });
    while (!outlet.idle && rounds < 100) {
      rounds += 1;
      await outlet.flush(0, () => Promise.resolve(true));
    }
    await done;
    expect(rounds).toBeLessThan(50);
  });

  it('tells the reader whose rows do not fit their table any more, and goes on with the others', async () => {
    const outlet = new ChunkOutlet<string>();
    const [old, other] = [windows.open('db.t', 1n), windows.open('db.other', 1n)];
    const refused = outlet.submit({ window: old, rows: rows('1') });
    const taken = outlet.submit({ window: other, rows: rows('2') });
    old.viewAt = other.viewAt = 0;
    await outlet.flush(1, (_, table) => Promise.resolve(table === 'db.other'));
    await expect(refused).rejects.toBeInstanceOf(TableChanged);
    await taken;
  });

  it('fails its readers when the loop fails or ends, so that no reader waits for ever', async () => {
    const outlet = new ChunkOutlet<string>();
    const window = windows.open('db.t', 10n);
    window.viewAt = 0;
    // All of them are due: the first fails, and the others were not even tried.
    const failed = ['1', '2', '3'].map((key) => outlet.submit({ window, rows: rows(key) }));
    const failure = new Error('Kafka refused');
    await expect(outlet.flush(1, () => Promise.reject(failure))).rejects.toBe(failure);
    for (const one of failed) await expect(one).rejects.toBe(failure);
    const waiting = outlet.submit({ window: windows.open('db.t', 1n), rows: rows('1') });
    outlet.close(new Error('the loop has ended'));
    await expect(waiting).rejects.toThrow('the loop has ended');
    await expect(outlet.submit({ window, rows: rows('2') })).rejects.toThrow('the loop has ended');
  });

  it('wakes who waits for the next slice', async () => {
    const outlet = new ChunkOutlet<string>();
    const woken = outlet.untilSubmitted();
    outlet.submit({ window: windows.open('db.t', 1n), rows: rows('1') }).catch(() => undefined);
    await woken;
    expect(outlet.idle).toBe(false);
  });
});
