import { setTimeout as sleep } from 'node:timers/promises';
import type { Cell, RawCell } from '@tributary/contract';
import { SeededRandom, waitFor } from '@tributary/testing';
import {
  describeTables,
  imageExpression,
  installCapture,
  LogReader,
  namesOf,
  readMarkedChunk,
  rereadRow,
  RollingFloor,
  type Connection,
  type TablePlan,
} from '../src';
import { stillWriting } from '../src/writing-transactions';
import { flavours, openSource, type Source } from './servers';

const KEYS = 1000;
const RUN_MS = 6000;

describe.each(flavours)('floor on %s', (flavour) => {
  let source: Source;
  let plan: TablePlan;
  beforeAll(async () => {
    source = await openSource(flavour);
    await source.admin.query('CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(60))');
    const config = source.config('{ table: DB.t }');
    await installCapture(source.relay, config);
    [plan] = (await describeTables(source.relay, config)) as [TablePlan];
  });
  afterAll(() => source.close());

  it('R2: the floor does not pass an id that an open transaction holds, and passes it when that one has ended', async () => {
    const late = await source.open();
    await late.query('BEGIN');
    await late.query(`INSERT INTO t VALUES (5000, 'late')`);
    await source.admin.query(`INSERT INTO t VALUES (5001, 'early')`);
    const early = (await source.log())[0]!.id;
    const floor = new RollingFloor(source.url, source.captureSchema, 50);
    await floor.start();
    try {
      await sleep(1500);
      expect(floor.floor()).toBeLessThan(BigInt(early));
      const passed = floor.waitFor(BigInt(early));
      await late.query('COMMIT');
      await passed;
      expect(floor.floor()).toBeGreaterThanOrEqual(BigInt(early));
      // The marker itself need not be consumed for the floor to go on.
      await floor.waitFor(floor.floor() + 1n);
    } finally {
      await floor.stop();
    }
  }, 20_000);

  it('R13: pipelines on one server do not keep the list of transactions from each other', async () => {
    const floors = Array.from({ length: 8 }, () => new RollingFloor(source.url, source.captureSchema, 50));
    try {
      for (const floor of floors) await floor.start();
      for (let round = 0; round < 3; round += 1)
        await Promise.all(floors.map((floor) => floor.waitFor(floor.floor() + 1n)));
    } finally {
      await Promise.all(floors.map((floor) => floor.stop()));
    }
  }, 30_000);

  it('R13: the floor names whose transaction holds it, since when and what that one does', async () => {
    const late = await source.open();
    await late.query('BEGIN');
    await late.query(`INSERT INTO t VALUES (5002, 'late')`);
    const [[{ thread }]] = (await late.query(
      'SELECT CAST(CONNECTION_ID() AS CHAR) AS thread',
    )) as unknown as [[{ thread: string }]];
    const floor = new RollingFloor(source.url, source.captureSchema, 50);
    await floor.start();
    try {
      // Nobody is named while other specs read the server's list so often that it is not renewed.
      await waitFor(() => (floor.held()?.count ?? 0) > 0, { timeoutMs: 20_000 });
      const { since, count, transactions } = floor.held()!;
      expect(count).toBeGreaterThanOrEqual(1);
      expect(Date.now() - since).toBeGreaterThan(1000);
      const named = transactions.find((transaction) => transaction.thread === thread)!;
      expect(named).toMatchObject({
        account: expect.stringMatching(/^\w+@127\.0\.0\.1/) as string,
        doing: expect.stringMatching(/^idle for \d+ s$/) as string,
      });
      expect(named.seconds).toBeGreaterThan(0);
      expect(named.seconds).toBeLessThan(120);
      expect(namesOf([named])).toMatch(new RegExp(`^thread ${thread} of .*open for .*KILL ${thread}$`));
      await late.query('ROLLBACK');
      await waitFor(() => !floor.held()?.transactions.some((other) => other.thread === thread), {
        timeoutMs: 20_000,
      });
    } finally {
      await floor.stop();
      await late.query('ROLLBACK');
    }
  }, 50_000);

  it('R5: the floor stands, and says why, while the server may not list all transactions', async () => {
    const floor = new RollingFloor(source.url, source.captureSchema, 50, 500);
    const others = await Promise.all([source.open(), source.open()]);
    for (const [at, other] of others.entries()) {
      await other.query('BEGIN');
      await other.query(`INSERT INTO t VALUES (${5003 + at}, 'open')`);
    }
    await floor.start();
    try {
      await waitFor(() => floor.trouble() !== null, { timeoutMs: 20_000 });
      expect(floor.trouble()!.message).toMatch(/So many transactions.*innodb_trx/);
      expect(floor.floor()).toBe(0n);
    } finally {
      await floor.stop();
      for (const other of others) await other.query('ROLLBACK');
    }
  }, 30_000);

  it('R5: a transaction that is about to change its first row is waited for under its later number', () => {
    const about = { id: '421', thread: '7', started: 's', changed: 0 };
    const changed = { ...about, id: '9', changed: 1 };
    expect(stillWriting([about], [changed])).toEqual([changed]);
    expect(stillWriting([about], [{ ...changed, started: 'later' }])).toEqual([]);
    expect(stillWriting([changed], [{ ...changed, id: '10' }])).toEqual([]);
    expect(stillWriting([about], [])).toEqual([]);
  });

  it('R13: the floor says what is missing where the account lacks PROCESS', async () => {
    const account = `w${source.database.slice(-9)}`;
    await source.admin.query(`CREATE USER '${account}'@'%' IDENTIFIED BY 'pw'`);
    await source.admin.query(`GRANT ALL ON ${source.captureSchema}.* TO '${account}'@'%'`);
    const url = new URL(source.adminUrl);
    url.username = account;
    url.password = 'pw';
    await expect(new RollingFloor(url.toString(), source.captureSchema).start()).rejects.toThrow(
      /lacks PROCESS.*GRANT PROCESS/,
    );
    await source.admin.query(`DROP USER '${account}'@'%'`);
  });

  it('R5: a marked chunk has a version below every change that it has not seen', async () => {
    const chunker = await source.open();
    const writer = await source.open();
    await source.admin.query(`REPLACE INTO t VALUES (6000, 'old')`);
    let update: Promise<unknown> = Promise.resolve();
    const { rows, versionId } = await readMarkedChunk(chunker, source.captureSchema, async () => {
      const [read] = await chunker.query('SELECT v FROM t WHERE id = 6000 LOCK IN SHARE MODE');
      update = writer.query(`UPDATE t SET v = 'new' WHERE id = 6000`);
      await sleep(200);
      return read;
    });
    await update;
    expect(rows).toEqual([{ v: 'old' }]);
    expect(BigInt((await source.log()).at(-1)!.id)).toBeGreaterThan(versionId);
  });

  it('R5: a floor-stamped load beside late commits and a lagging relay ends equal to the source', async () => {
    await source.admin.query('DELETE FROM t');
    await source.admin.query(`DELETE FROM ${source.captureSchema}.change_log`);
    const target = new VersionedMap();
    const reader = await LogReader.open({
      url: source.url,
      captureSchema: source.captureSchema,
      owner: 'model',
    });
    await reader.acquireLease();
    const floor = new RollingFloor(source.url, source.captureSchema, 50);
    await floor.start();
    const until = Date.now() + RUN_MS;
    let writing = true;
    const relay = (async () => {
      const random = new SeededRandom(99);
      for (;;) {
        const last = !writing;
        const batch = await reader.readBatch(500, 4 * 1024 * 1024);
        if (writing) await sleep(random.next() * 200);
        for (const { op, rowKey, after, id } of batch) {
          if (op === 'm') continue;
          // An entry without its image, as of key changes on MariaDB, is read again, as the relay does.
          const row = op === 'd' ? null : (after ?? (await rereadRow(source.relay, plan, rowKey)));
          target.apply(rowKey[0]!, row, id);
        }
        await reader.acknowledge(batch.map(({ id }) => id));
        if (last && batch.every(({ op }) => op === 'm')) return;
      }
    })();
    const snapshots = [1, 2, 3].map(async (seed) => {
      const random = new SeededRandom(1000 + seed);
      const connection = await source.open();
      while (writing) {
        const from = Math.floor(random.next() * KEYS);
        await loadChunk(connection, target, floor.floor(), from, from + 100);
        await sleep(random.next() * 60);
      }
      // One full load: what was in the table before capture would come only so.
      if (seed === 1)
        for (let from = 0; from < KEYS; from += 100)
          await loadChunk(connection, target, floor.floor(), from, from + 100);
    });
    let lateCommits = 0;
    await Promise.all(
      [1, 2, 3, 4, 5, 6].map(async (seed) => {
        const connection = await source.open();
        const random = new SeededRandom(seed);
        // Gap locks of REPEATABLE READ would make most writers wait for the late ones.
        if (seed > 1) await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
        // A slow machine gets more time for the late commits that the test is about.
        while (Date.now() < until || (lateCommits <= 10 && Date.now() < until + 20_000)) {
          const late = await transaction(connection, random);
          lateCommits += late;
        }
      }),
    );
    writing = false;
    await Promise.all(snapshots);
    await floor.stop();
    await relay;
    await reader.close();
    const [rows] = (await source.admin.query('SELECT id, v FROM t')) as unknown as [
      { id: number; v: string }[],
    ];
    const actual = new Map(rows.map(({ id, v }) => [String(id), JSON.stringify([String(id), v])]));
    expect(lateCommits).toBeGreaterThan(10);
    expect(target.differences(actual)).toEqual([]);
  }, 90_000);

  async function loadChunk(
    connection: Connection,
    target: VersionedMap,
    version: bigint,
    from: number,
    to: number,
  ): Promise<void> {
    const image = imageExpression(plan.schema.columns, ({ name }) => `t.${name}`, flavour);
    const [rows] = (await connection.query(
      `SELECT ${image} AS image FROM t WHERE id >= ${from} AND id < ${to}`,
    )) as unknown as [{ image: string }[]];
    const present = new Set<string>();
    for (const { image: text } of rows) {
      const cells = JSON.parse(text) as Cell[];
      present.add(cells[0]!);
      target.apply(cells[0]!, cells, version);
    }
    target.sweep((key) => Number(key) >= from && Number(key) < to && !present.has(key), version);
  }

  /** Returns 1 when it was held open before its commit. */
  async function transaction(connection: Connection, random: SeededRandom): Promise<0 | 1> {
    const key = () => Math.floor(random.next() * KEYS);
    const late = random.next() < 1 / 6;
    const statements = [
      () => `INSERT INTO t VALUES (${key()}, UUID()) ON DUPLICATE KEY UPDATE v = VALUES(v)`,
      () => `UPDATE t SET v = UUID() WHERE id = ${key()}`,
      () => `DELETE FROM t WHERE id = ${key()}`,
      () => `UPDATE t SET id = ${key()} WHERE id = ${key()}`,
    ];
    try {
      await connection.query('BEGIN');
      for (let left = 1 + Math.floor(random.next() * 3); left > 0; left -= 1)
        await connection.query(statements[Math.floor(random.next() * statements.length)]!());
      if (late) await sleep(50 + random.next() * 600);
      await connection.query(random.next() < 0.1 ? 'ROLLBACK' : 'COMMIT');
      return late ? 1 : 0;
    } catch (error) {
      const { errno } = error as { errno?: number };
      if (errno !== 1062 && errno !== 1213 && errno !== 1205) throw error;
      await connection.query('ROLLBACK');
      return 0;
    }
  }
});

/** A target that keeps the highest version of each key, tombstones included. */
class VersionedMap {
  readonly #rows = new Map<string, { version: bigint; image: string | null }>();

  apply(key: string, cells: readonly RawCell[] | null, version: bigint): void {
    const held = this.#rows.get(key);
    if (held && held.version >= version) return;
    this.#rows.set(key, { version, image: cells === null ? null : JSON.stringify(cells) });
  }

  /** Drops the keys that a chunk lacked, where nothing newer is known of them. */
  sweep(lacked: (key: string) => boolean, version: bigint): void {
    for (const [key, held] of this.#rows)
      if (lacked(key) && held.version <= version) this.#rows.set(key, { version, image: null });
  }

  differences(actual: ReadonlyMap<string, string>): string[] {
    const keys = new Set([...this.#rows.keys(), ...actual.keys()]);
    return [...keys].filter((key) => (this.#rows.get(key)?.image ?? null) !== (actual.get(key) ?? null));
  }
}
