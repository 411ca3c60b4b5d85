import { setTimeout as sleep } from 'node:timers/promises';
import { stackEnv, waitFor } from '@tributary/testing';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { describeLong } from '../support/flavours';
import { Pipeline } from '../support/pipeline';

jest.setTimeout(180_000);

const ddl = [`CREATE TABLE orders (id INT PRIMARY KEY, v INT NOT NULL)`];

/** Transactions that commit while the late one is open, and rows of each. */
const TRANSACTIONS = 40;
const ROWS = 100;

describeLong.each(['mysql', 'mariadb'] as const)('late commits on %s', (mysql) => {
  const pipeline = new Pipeline({ mysql });
  let late: Connection;

  beforeAll(async () => {
    await pipeline.prepare(ddl);
    await pipeline.admin.query('INSERT INTO orders VALUES (1, 0), (2, 0), (3, 0)');
    await pipeline.startAll();
    await pipeline.untilEqual();
    const { ADMIN_MYSQL_URL, ADMIN_MARIADB_URL } = stackEnv();
    const uri = (mysql === 'mysql' ? ADMIN_MYSQL_URL : ADMIN_MARIADB_URL)!;
    late = await createConnection({ uri, database: pipeline.database });
    // Its INSERT ... SELECT must not lock what the others insert.
    await late.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
  });
  afterAll(async () => {
    await late?.end();
    await pipeline.stop();
  });

  const logged = async () => {
    const [[row]] = await pipeline.admin.query<RowDataPacket[]>(
      `SELECT COUNT(*) AS entries FROM \`${pipeline.captureSchema}\`.change_log`,
    );
    return Number(row!['entries']);
  };
  const arrived = (filter: object) => pipeline.collection('orders').countDocuments(filter);
  const allPurged = () => waitFor(async () => (await logged()) === 0, { timeoutMs: 30_000 });
  const restartRelay = async () => {
    await pipeline.services.get('trigger-relay')!.end('SIGKILL');
    await (await pipeline.start('trigger-relay')).untilReady();
  };

  it('R2: rows of a transaction that stays open while thousands of later ids are relayed, purged and the relay restarts', async () => {
    await late.beginTransaction();
    await late.query('INSERT INTO orders VALUES (1001, 1), (1002, 1), (1003, 1)');
    await late.query('UPDATE orders SET v = 1 WHERE id = 1');
    await late.query('DELETE FROM orders WHERE id = 2');
    await late.query('UPDATE orders SET id = 1004 WHERE id = 3');
    for (let at = 0; at < TRANSACTIONS; at += 1) {
      const first = 10_000 + at * ROWS;
      await pipeline.admin.query('INSERT INTO orders VALUES ?', [
        Array.from({ length: ROWS }, (_, row) => [first + row, at]),
      ]);
      if (at === TRANSACTIONS / 2) await restartRelay();
    }
    await allPurged();
    await restartRelay();
    await pipeline.admin.query('UPDATE orders SET v = -1 WHERE id >= 10000');
    await allPurged();
    await waitFor(async () => (await arrived({ v: -1 })) === TRANSACTIONS * ROWS, { timeoutMs: 30_000 });
    // Its lower ids are still unseen, and must neither arrive nor be given up.
    await sleep(3_000);
    expect(await arrived({ _id: { $in: [1001, 1002, 1003, 1004] } as never })).toBe(0);
    await late.commit();
    await waitFor(async () => (await arrived({ _id: { $in: [1001, 1002, 1003, 1004] } as never })) === 4, {
      timeoutMs: 20_000,
    });
    await pipeline.untilEqual();
    expect(await logged()).toBe(0);
  });

  it('R2: ids of transactions that were rolled back stall nothing', async () => {
    await late.beginTransaction();
    await late.query('INSERT INTO orders SELECT id + 100000, v FROM orders');
    await pipeline.admin.query('INSERT INTO orders VALUES (5001, 7)');
    await late.rollback();
    await late.beginTransaction();
    await late.query('UPDATE orders SET v = 99');
    await late.rollback();
    await pipeline.admin.query('INSERT INTO orders VALUES (5002, 7)');
    await waitFor(async () => (await arrived({ v: 7 })) === 2, { timeoutMs: 20_000 });
    await restartRelay();
    await pipeline.admin.query('INSERT INTO orders VALUES (5003, 7)');
    await waitFor(async () => (await arrived({ v: 7 })) === 3, { timeoutMs: 20_000 });
    await allPurged();
    const { status } = await pipeline.cli('snapshot', 'start', '--table', `${pipeline.database}.orders`);
    expect(status).toBe(0);
    // A load waits until every lower id is final: rolled-back ones must count as that.
    await waitFor(allLoaded, { timeoutMs: 30_000 });
    await pipeline.untilEqual();
  });

  async function allLoaded(): Promise<boolean> {
    const [[row]] = await pipeline.admin.query<RowDataPacket[]>(
      `SELECT COUNT(*) AS open FROM \`${pipeline.captureSchema}\`.snapshot_job WHERE state <> 'done'`,
    );
    return Number(row!['open']) === 0;
  }
});
