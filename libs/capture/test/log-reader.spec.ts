import { setTimeout as sleep } from 'node:timers/promises';
import { SeededRandom } from '@tributary/testing';
import type { Cell } from '@tributary/contract';
import {
  describeTables,
  installCapture,
  LeaseLostError,
  LogReader,
  publishedText,
  readStoredLog,
  rereadRow,
  storeIdentity,
  type Connection,
  type LogEntry,
} from '../src';
import { flavours, openSource, type Source } from './servers';

const MEGABYTE = 1024 * 1024;

describe.each(flavours)('log reader on %s', (flavour) => {
  let source: Source;
  let admin: Connection;
  const readers: LogReader[] = [];
  beforeAll(async () => {
    source = await openSource(flavour);
    admin = source.admin;
    await admin.query('CREATE TABLE t (id INT PRIMARY KEY, u INT UNIQUE, v LONGTEXT)');
    await installCapture(source.relay, source.config('{ table: DB.t }'));
  });
  beforeEach(async () => {
    await admin.query('DELETE FROM t');
    await admin.query(`DELETE FROM ${source.captureSchema}.change_log`);
  });
  afterEach(async () => {
    await Promise.all(readers.splice(0).map((reader) => reader.close()));
  });
  afterAll(() => source.close());

  async function openReader(owner = 'test', shard = 0): Promise<LogReader> {
    const reader = await LogReader.open({
      url: source.url,
      captureSchema: source.captureSchema,
      owner,
      shard,
    });
    readers.push(reader);
    return reader;
  }
  async function leader(): Promise<LogReader> {
    const reader = await openReader();
    expect(await reader.acquireLease()).toBe(true);
    return reader;
  }
  const ids = (entries: readonly LogEntry[]) => entries.map(({ id }) => id);
  const keys = (entries: readonly LogEntry[]) => entries.map(({ rowKey }) => rowKey[0]);

  it('reads entries with cells, time and checksum', async () => {
    const reader = await leader();
    const start = Date.now();
    await admin.query(`INSERT INTO t VALUES (1, 1, 'é😀')`);
    await admin.query(`UPDATE t SET v = NULL`);
    await admin.query(`DELETE FROM t`);
    const entries = await reader.readBatch(10, MEGABYTE);
    expect(
      entries.map(({ op, rowKey, before, after, intact }) => ({ op, rowKey, before, after, intact })),
    ).toEqual([
      { op: 'c', rowKey: ['1'], before: null, after: ['1', '1', 'é😀'], intact: true },
      { op: 'u', rowKey: ['1'], before: ['1', '1', 'é😀'], after: ['1', '1', null], intact: true },
      { op: 'd', rowKey: ['1'], before: ['1', '1', null], after: null, intact: true },
    ]);
    expect(Math.abs(entries[0]!.atMs - start)).toBeLessThan(2000);
    expect(await reader.acknowledge(ids(entries))).toBe(3);
    expect(await reader.readBatch(10, MEGABYTE)).toEqual([]);
  });

  it('R10: an image altered in the log is flagged, and its cells are not given out', async () => {
    const reader = await leader();
    await admin.query(`INSERT INTO t VALUES (1, 1, 'x'), (2, 2, 'y'), (3, 3, 'z')`);
    await admin.query(
      `UPDATE ${source.captureSchema}.change_log SET after_image = REPLACE(after_image, 'y', 'Y') WHERE row_key LIKE '%2%'`,
    );
    await admin.query(
      `UPDATE ${source.captureSchema}.change_log SET after_image = 'no json' WHERE row_key LIKE '%3%'`,
    );
    const entries = await reader.readBatch(10, MEGABYTE);
    expect(entries.map(({ intact, after }) => [intact, after?.[2] ?? null])).toEqual([
      [true, 'x'],
      [false, null],
      [false, null],
    ]);
    const [plan] = await describeTables(source.relay, source.config('{ table: DB.t }'));
    expect(await rereadRow(source.relay, plan!, entries[1]!.rowKey)).toEqual(['2', '2', 'y']);
  });

  it('R2: an entry that commits late with a small id is found by a later read', async () => {
    const reader = await leader();
    const late = await source.open();
    await late.query('BEGIN');
    await late.query(`INSERT INTO t VALUES (1, NULL, 'late')`);
    await admin.query(`INSERT INTO t VALUES (2, NULL, 'early')`);
    const first = await reader.readBatch(10, MEGABYTE);
    expect(keys(first)).toEqual(['2']);
    await reader.acknowledge(ids(first));
    await late.query('COMMIT');
    const second = await reader.readBatch(10, MEGABYTE);
    expect(keys(second)).toEqual(['1']);
    expect(second[0]!.id).toBeLessThan(first[0]!.id);
  });

  it('R2: leaves out the entries that are held, and no other, however late it commits', async () => {
    const reader = await leader();
    const late = await source.open();
    await late.query('BEGIN');
    await late.query(`INSERT INTO t VALUES (1, NULL, 'late')`);
    await admin.query(`INSERT INTO t (id) VALUES (2), (3), (4)`);
    const held = ids(await reader.readBatch(2, MEGABYTE));
    expect(keys(await reader.readBatch(10, MEGABYTE, undefined, held))).toEqual(['4']);
    await late.query('COMMIT');
    await admin.query(`INSERT INTO t (id) VALUES (5)`);
    expect(keys(await reader.readBatch(10, MEGABYTE, undefined, held))).toEqual(['1', '4', '5']);
    expect(await reader.acknowledge(held)).toBe(2);
    expect(keys(await reader.readBatch(10, MEGABYTE, undefined, held))).toEqual(['1', '4', '5']);
  });

  it('R2: acknowledging neither waits for an entry in flight nor deletes it unread', async () => {
    const reader = await leader();
    await admin.query(
      `INSERT INTO t (id) VALUES ${Array.from({ length: 3000 }, (_, at) => `(${at + 10})`).join(', ')}`,
    );
    const late = await source.open();
    await late.query('BEGIN');
    await late.query(`INSERT INTO t VALUES (1, NULL, 'late')`);
    await admin.query(`INSERT INTO t (id) VALUES (5000), (5001)`);
    for (const limit of [1, 10, 11, 100, 5000]) {
      const batch = await reader.readBatch(limit, 16 * MEGABYTE);
      const start = Date.now();
      expect(await reader.acknowledge(ids(batch))).toBe(batch.length);
      expect(Date.now() - start).toBeLessThan(2000);
    }
    expect(await reader.readBatch(10, MEGABYTE)).toEqual([]);
    await late.query('COMMIT');
    expect(keys(await reader.readBatch(10, MEGABYTE))).toEqual(['1']);
  });

  it('R13: a batch of large rows is cut by bytes, in id order, and one entry always comes', async () => {
    const reader = await leader();
    for (let id = 1; id <= 40; id += 1)
      await admin.query(`INSERT INTO t VALUES (?, ?, REPEAT('x', ?))`, [id, id, id % 3 === 0 ? 10 : 200_000]);
    const before = process.memoryUsage().rss;
    const batch = await reader.readBatch(2000, 2 * MEGABYTE);
    expect(batch.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(2 * MEGABYTE);
    expect(keys(batch)).toEqual(Array.from({ length: batch.length }, (_, at) => String(at + 1)));
    expect(batch.length).toBeGreaterThan(10);
    expect(batch.every(({ intact, after }) => intact && after !== null)).toBe(true);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * MEGABYTE);
    expect(keys(await reader.readBatch(2000, 1))).toEqual(['1']);
    const seen: (Cell | undefined)[] = [];
    for (let left = batch; left.length > 0; left = await reader.readBatch(2000, 2 * MEGABYTE)) {
      seen.push(...keys(left));
      await reader.acknowledge(ids(left));
    }
    expect(seen).toEqual(Array.from({ length: 40 }, (_, at) => String(at + 1)));
  });

  it('one leads, and another takes over within 5 s of its death; the old one deletes nothing more', async () => {
    const first = await leader();
    const second = await openReader('second');
    expect(await second.acquireLease()).toBe(false);
    // Another shard is another lead.
    expect(await (await openReader('other', 1)).acquireLease()).toBe(true);
    await admin.query(`INSERT INTO t VALUES (1, 1, 'x'), (2, 2, 'y')`);
    const batch = await first.readBatch(10, MEGABYTE);
    const [[holder]] = (await admin.query(`SELECT IS_USED_LOCK(?) AS id`, [
      `tributary/${source.captureSchema}/0`,
    ])) as unknown as [[{ id: number }]];
    const start = Date.now();
    const taking = second.acquireLease(10);
    await admin.query(`KILL ${holder.id}`);
    expect(await taking).toBe(true);
    expect(Date.now() - start).toBeLessThan(5000);
    expect(second.lease!.counter).toBeGreaterThan(first.lease!.counter);
    await expect(first.acknowledge(ids(batch))).rejects.toMatchObject({ name: 'SyncError', kind: 'retry' });
    expect(await second.acknowledge(ids(batch))).toBe(2);
  });

  it('R12: a leader whose lease another has taken is told so by its next acknowledgement', async () => {
    const reader = await leader();
    await admin.query(`INSERT INTO t VALUES (1, 1, 'x')`);
    const batch = await reader.readBatch(10, MEGABYTE);
    await admin.query(`UPDATE ${source.captureSchema}.relay_state SET lease = lease + 1 WHERE shard = 0`);
    await expect(reader.acknowledge(ids(batch))).rejects.toBeInstanceOf(LeaseLostError);
    expect(reader.lease).toBeNull();
    await expect(reader.acknowledge(ids(batch))).rejects.toBeInstanceOf(LeaseLostError);
    expect(keys(await reader.readBatch(10, MEGABYTE))).toEqual(['1']);
  });

  it("R4: what is stored of the log is its leader's, with loads in the same transaction as a rise", async () => {
    const reader = await leader();
    await admin.query(`UPDATE ${source.captureSchema}.relay_state SET tracked_lease = 0, published = NULL`);
    const ends = new Map([[0, 7n]]);
    const settle = async (raised: string | null, tables: readonly string[]) => {
      const { epoch } = await reader.whileLeading(readStoredLog);
      const identity = { pipeline: 'p'.repeat(32), incarnation: 'i'.repeat(32), epoch: epoch + 1, raised };
      await reader.whileLeading((...lead) =>
        storeIdentity(...lead, { identity, announced: null, ends, tables }),
      );
    };
    expect((await reader.whileLeading(readStoredLog)).published).toBeNull();
    await settle('It must.', ['a.b', 'c.d']);
    await settle('Once more.', ['a.b', 'c.d']);
    const [jobs] = await admin.query(`SELECT table_name AS name FROM ${source.captureSchema}.snapshot_job`);
    expect(jobs).toEqual([{ name: 'a.b' }, { name: 'c.d' }]);
    const stored = await reader.whileLeading(readStoredLog);
    expect(stored).toMatchObject({ epoch: 2, highId: 0n, raised: { reason: 'Once more.' } });
    expect(stored.published).toEqual(ends);
    await admin.query(`INSERT INTO t VALUES (1, 1, 'x')`);
    const batch = await reader.readBatch(100, MEGABYTE);
    await reader.noteFloor(batch[0]!.id + 500n);
    await reader.acknowledge(ids(batch), publishedText(new Map([[0, 9n]]), true));
    const { highId, published, rereading } = await reader.whileLeading(readStoredLog);
    expect([highId, published?.get(0), rereading]).toEqual([batch[0]!.id + 500n, 9n, true]);
    // A relay of an older version, which keeps no ends, has led meanwhile.
    await admin.query(`UPDATE ${source.captureSchema}.relay_state SET lease = lease + 1`);
    await expect(reader.noteFloor(highId + 1n)).rejects.toBeInstanceOf(LeaseLostError);
    await expect(settle(null, [])).rejects.toBeInstanceOf(LeaseLostError);
    await reader.close();
    expect((await (await leader()).whileLeading(readStoredLog)).published).toBeNull();
    await admin.query(`DELETE FROM ${source.captureSchema}.snapshot_job`);
  });

  it('R3: for each key, log order is commit order, whatever the writers do', async () => {
    const reader = await leader();
    const state = new Map<string, string>();
    /** Keys whose last entry says no more than that they are to be read again. */
    const unsure = new Set<string>();
    let violations = 0;
    const broken: string[] = [];
    const apply = ({ op, rowKey, before, after, id }: LogEntry) => {
      if (op === 'm') return;
      const key = rowKey[0]!;
      const expected = state.get(key) ?? null;
      const old = before === null ? null : JSON.stringify(before);
      if (old !== expected && !unsure.has(key)) {
        violations += 1;
        broken.push(`${id} ${op} ${key}: log ${old}, before it ${expected}`);
      }
      unsure.delete(key);
      if (after !== null) state.set(key, JSON.stringify(after));
      else if (op === 'd') state.delete(key);
      else unsure.add(key);
    };
    let writing = true;
    const drain = async () => {
      for (;;) {
        const last = !writing;
        const batch = await reader.readBatch(500, MEGABYTE);
        batch.forEach(apply);
        await reader.acknowledge(ids(batch));
        if (last && batch.length === 0) return;
        if (batch.length === 0) await sleep(5);
      }
    };
    const draining = drain();
    await Promise.all(Array.from({ length: 6 }, (_, seed) => write(seed + 1, Date.now() + 5000)));
    writing = false;
    await draining;
    expect([violations, broken.slice(0, 5)]).toEqual([0, []]);
    const [rows] = (await admin.query('SELECT id, u, v FROM t')) as unknown as [
      { id: number; u: number | null; v: string | null }[],
    ];
    const actual = new Map(
      rows.map(({ id, u, v }) => [
        String(id),
        JSON.stringify([String(id), u === null ? null : String(u), v]),
      ]),
    );
    const known = (rows: Map<string, string>) => [...rows].filter(([key]) => !unsure.has(key)).sort();
    expect(known(state)).toEqual(known(actual));
  }, 30_000);

  /** One application session that does random statements on 40 keys, a third of them at READ COMMITTED. */
  async function write(seed: number, until: number): Promise<void> {
    const random = new SeededRandom(seed);
    const key = () => 1 + Math.floor(random.next() * 40);
    const connection = await source.open();
    if (seed % 3 === 0) await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
    const statements = [
      () => `INSERT INTO t VALUES (${key()}, ${key()}, 'i${seed}')`,
      () =>
        `INSERT INTO t VALUES (${key()}, ${key()}, 'o') ON DUPLICATE KEY UPDATE v = CONCAT(LEFT(v, 20), ${seed})`,
      () => `REPLACE INTO t VALUES (${key()}, ${key()}, 'r${seed}')`,
      () => `UPDATE t SET v = CONCAT('u', ${Math.floor(random.next() * 1e6)}) WHERE id = ${key()}`,
      () => `UPDATE t SET id = ${key()} WHERE id = ${key()}`,
      () => `UPDATE t SET v = UUID() WHERE id BETWEEN ${key()} AND ${key()}`,
      () => `DELETE FROM t WHERE id = ${key()}`,
      () => `INSERT IGNORE INTO t SELECT id + 20, u + 20, v FROM t WHERE id = ${key()} AND id < 20`,
    ];
    while (Date.now() < until) {
      try {
        await connection.query('BEGIN');
        for (let left = 1 + Math.floor(random.next() * 4); left > 0; left -= 1) {
          await connection.query(statements[Math.floor(random.next() * statements.length)]!());
          if (random.next() < 0.2) await sleep(random.next() * 30);
        }
        await connection.query(random.next() < 0.125 ? 'ROLLBACK' : 'COMMIT');
      } catch (error) {
        // Duplicate keys, deadlocks and lock waits are the application's own; anything else is our doing.
        const { errno } = error as { errno?: number };
        if (errno !== 1062 && errno !== 1213 && errno !== 1205) throw error;
        await connection.query('ROLLBACK');
      }
    }
  }
});
