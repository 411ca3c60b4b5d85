import { setTimeout as sleep } from 'node:timers/promises';
import { SeededRandom, waitFor } from '@tributary/testing';
import { installCapture, LogBound, LogReader, RollingFloor, UnreadIds, type Connection } from '../src';
import { flavours, openSource, type Source } from './servers';

const RUN_MS = 5_000;
/** Transactions held open, at least; a full machine takes longer for them. */
const LATE = 20;
/** As if dead rows made every look slow. */
const SLOW = 100;

describe.each(flavours)('lower bound of the log on %s', (flavour) => {
  let source: Source;
  let reader: LogReader;
  beforeAll(async () => {
    source = await openSource(flavour);
    await source.admin.query('CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, v INT)');
    await installCapture(source.relay, source.config('{ table: DB.t }'));
    reader = await LogReader.open({ url: source.url, captureSchema: source.captureSchema, owner: 'test' });
    await reader.acquireLease(5);
  });
  afterAll(async () => {
    await reader.close();
    await source.close();
  });

  const left = async () => (await source.log()).length;

  /** Looks all the while that transactions are written, many of them held open; answers how many. */
  async function meanwhile(look: () => Promise<void>, until: () => boolean): Promise<number> {
    let writing = true;
    const reading = (async () => {
      while (writing) {
        await look();
        await sleep(5);
      }
    })();
    const end = Date.now() + RUN_MS;
    let late = 0;
    await Promise.all(
      [1, 2, 3, 4, 5].map(async (seed) => {
        const connection = await source.open();
        const random = new SeededRandom(seed);
        while (Date.now() < end || late < LATE) {
          const held = await transaction(connection, random);
          late += held;
        }
      }),
    );
    await waitFor(until, { timeoutMs: 30_000 });
    writing = false;
    await reading;
    for (let round = 0; round < 20 && (await left()) > 0; round += 1) await look();
    return late;
  }

  it('R2: steps over no entry that commits late', async () => {
    // The clock stands, so that no look at the whole log mends what the bound would miss.
    const bound = new LogBound(new RollingFloor(source.url, source.captureSchema, 50), () => 0);
    let late = 0;
    try {
      late = await meanwhile(
        () => step(bound),
        () => bound.above > 0n,
      );
    } finally {
      await bound.stop();
    }
    expect(late).toBeGreaterThan(10);
    expect(await left()).toBe(0);
  }, 90_000);

  it('R2: leaves out no entry that commits late, where only what was not read is looked at', async () => {
    const ids = new UnreadIds();
    let [held, most]: [bigint[], number] = [[], 0];
    const late = await meanwhile(
      async () => {
        const unread = ids.above(0n);
        most = Math.max(most, unread.gaps.length);
        const besides = held.filter((id) => ids.isUnread(id));
        const read = (await reader.readBatch(500, 8 << 20, unread, besides)).map(({ id }) => id);
        expect(read.filter((id) => !ids.isUnread(id))).toEqual([]);
        ids.read(read);
        held.push(...read);
        if (held.length < 20 && read.length > 0) return;
        await reader.acknowledge(held);
        held = [];
      },
      () => true,
    );
    expect(await left()).toBe(0);
    expect(late).toBeGreaterThan(10);
    expect(most).toBeGreaterThan(5);
  }, 90_000);

  it('R2: looks at the whole log now and then, since any account can choose a small id', async () => {
    let now = 0;
    const final = { start: async () => undefined, stop: async () => undefined, floor: () => 10n ** 9n };
    const bound = new LogBound(final, () => now);
    for (let round = 0; round < 5; round += 1) await step(bound);
    expect(bound.above).toBe(10n ** 9n);
    await source.admin.query('INSERT INTO t (v) VALUES (1)');
    await step(bound);
    expect(await left()).toBe(1);
    now = 6_000;
    await step(bound);
    expect([await left(), bound.above]).toEqual([0, 0n]);
    await bound.stop();
  });

  async function step(bound: LogBound): Promise<void> {
    const look = bound.next();
    const entries = await reader.readBatch(500, 8 << 20, { above: look.above, gaps: [] });
    await bound.looked(look, entries[0]?.id ?? null, 0, SLOW);
    await reader.acknowledge(entries.map(({ id }) => id));
  }

  /** Returns 1 when it was held open before its end. */
  async function transaction(connection: Connection, random: SeededRandom): Promise<0 | 1> {
    const late = random.next() < 0.3;
    await connection.query('BEGIN');
    for (let rows = 1 + Math.floor(random.next() * 3); rows > 0; rows -= 1)
      await connection.query('INSERT INTO t (v) VALUES (1)');
    await sleep(late ? 100 + random.next() * 500 : 5);
    await connection.query(random.next() < 0.1 ? 'ROLLBACK' : 'COMMIT');
    return late ? 1 : 0;
  }
});
