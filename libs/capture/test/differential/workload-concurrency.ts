import type { Scenario } from './session';

/** Pairs of sessions: who waits for whom, until when, and who is told to give way. */
export const concurrency: readonly Scenario[] = [
  {
    name: 'sessions that change other rows do not wait for each other',
    steps: [
      'BEGIN',
      'UPDATE two_keys SET b = 1 WHERE id = 1',
      { on: 'B', sql: 'BEGIN' },
      { on: 'B', sql: 'UPDATE two_keys SET b = 2 WHERE id = 2' },
      { on: 'B', sql: `INSERT INTO audit (what) VALUES ('b')` },
      `INSERT INTO audit (what) VALUES ('a')`,
      { on: 'C', sql: 'SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE' },
      { on: 'C', sql: 'DELETE FROM two_keys WHERE id = 3' },
      { on: 'B', sql: 'COMMIT' },
      'COMMIT',
    ],
  },
  {
    name: 'a session without checks beside others',
    steps: [
      'SET unique_checks = 0, foreign_key_checks = 0',
      'BEGIN',
      'INSERT INTO two_keys VALUES (50, 50, 50), (51, 51, 51)',
      { on: 'B', sql: `INSERT INTO audit (what) VALUES ('b')` },
      { on: 'B', sql: 'UPDATE seq SET n = 1' },
      'ROLLBACK',
      'INSERT INTO two_keys VALUES (50, 50, 50), (51, 50, 50)',
      { on: 'B', sql: 'DELETE FROM two_keys' },
    ],
  },
  {
    name: 'a row that is locked: waits, timeouts, NOWAIT',
    steps: [
      'BEGIN',
      'UPDATE two_keys SET b = 1 WHERE id = 1',
      { on: 'B', sql: 'UPDATE two_keys SET b = 2 WHERE id = 1' },
      { on: 'B', sql: 'INSERT INTO two_keys VALUES (9, 10, 1)', later: true },
      'ROLLBACK',
      { join: 'B' },
      'BEGIN',
      'DELETE FROM customer WHERE id = 3',
      { on: 'B', sql: 'INSERT INTO orders (customer_id) VALUES (3)', later: true },
      'COMMIT',
      { join: 'B' },
    ],
  },
  ...['two_keys', 'customer'].map((table): Scenario => ({
    name: `a deadlock on ${table}: one of two is told`,
    anyOrder: true,
    steps: ['A', 'B', 'C']
      .slice(0, 2)
      .flatMap((on, at) => [
        { on, sql: 'SET innodb_lock_wait_timeout = 20' },
        { on, sql: 'BEGIN' },
        {
          on,
          sql: `UPDATE ${table} SET ${table === 'customer' ? 'credit' : 'b'} = 77 WHERE id = ${at * 2 + 1}`,
        },
      ])
      .concat([
        { on: 'A', sql: `DELETE FROM ${table} WHERE id = 3`, later: true } as never,
        { on: 'B', sql: `DELETE FROM ${table} WHERE id = 1`, later: true } as never,
        { join: 'A' } as never,
        { join: 'B' } as never,
      ]),
  })),
  {
    name: 'a cascade beside its children',
    anyOrder: true,
    steps: [
      { on: 'A', sql: 'SET innodb_lock_wait_timeout = 20' },
      { on: 'B', sql: 'SET innodb_lock_wait_timeout = 20' },
      { on: 'B', sql: 'BEGIN' },
      { on: 'B', sql: 'UPDATE item SET qty = 9 WHERE order_id = 1 AND line = 1' },
      { on: 'A', sql: 'DELETE FROM orders WHERE id = 1', later: true },
      { on: 'B', sql: 'UPDATE item SET qty = 9 WHERE order_id = 1 AND line = 2' },
      { on: 'B', sql: 'COMMIT' },
      { join: 'A' },
    ],
  },
  {
    name: 'LOCK TABLES of this session',
    steps: [
      'LOCK TABLES two_keys WRITE, seq READ',
      'UPDATE two_keys SET b = 1',
      'UPDATE seq SET n = 1',
      'SELECT COUNT(*) FROM customer',
      `INSERT INTO two_keys VALUES (70, 70, 70)`,
      'UNLOCK TABLES',
      'FLUSH TABLES two_keys WITH READ LOCK',
      { sql: 'UPDATE two_keys SET b = 2', differs: 'read-lock' },
      'SELECT COUNT(*) FROM two_keys',
      'UNLOCK TABLES',
      'LOCK TABLES orders WRITE, item WRITE',
      'DELETE FROM orders WHERE id = 1',
      'UNLOCK TABLES',
    ],
  },
  {
    name: 'LOCK TABLES of another session',
    steps: [
      'LOCK TABLES two_keys WRITE',
      { on: 'B', sql: 'SET lock_wait_timeout = 1' },
      { on: 'B', sql: 'UPDATE seq SET n = 1', differs: 'lock-tables', only: 'mysql' },
      'UNLOCK TABLES',
      'LOCK TABLES two_keys READ',
      { on: 'B', sql: 'UPDATE seq SET n = 2' },
      'UNLOCK TABLES',
    ],
  },
];
