import { dumpHead } from '../dump';
import type { Scenario } from './session';

/** Statements that change tables; the last restores one, as a dump does, and so takes its triggers away. */
export const structures: readonly Scenario[] = [
  {
    name: 'ALTER, OPTIMIZE, ANALYZE, CHECK and TRUNCATE',
    steps: [
      'ALTER TABLE renamed ADD COLUMN c INT DEFAULT 3',
      'INSERT INTO renamed VALUES (2, 2, 2)',
      'UPDATE renamed SET c = 4',
      'ALTER TABLE renamed DROP COLUMN a',
      'UPDATE renamed SET c = 5',
      'INSERT INTO renamed (id) VALUES (3)',
      'DELETE FROM renamed WHERE id = 1',
      'ALTER TABLE renamed ADD COLUMN a INT AFTER id, DROP COLUMN c',
      'RENAME TABLE renamed TO other, other TO renamed',
      'CREATE TABLE copy LIKE renamed',
      'INSERT INTO copy SELECT * FROM renamed',
      'RENAME TABLE renamed TO away, copy TO renamed',
      'INSERT INTO renamed VALUES (9, 9)',
      'UPDATE away SET a = 1',
      'RENAME TABLE renamed TO copy, away TO renamed',
      'DROP TABLE copy',
      'ANALYZE TABLE renamed',
      'CHECK TABLE renamed',
      'TRUNCATE TABLE renamed',
      'INSERT INTO renamed VALUES (9, 9)',
    ],
  },
  {
    name: 'a dump and its restore',
    steps: [
      'FLUSH TABLES item',
      'SELECT * FROM item',
      'LOCK TABLES item READ',
      'UNLOCK TABLES',
      ...dumpHead,
      'DROP TABLE IF EXISTS item',
      `CREATE TABLE item (order_id BIGINT NOT NULL, line INT NOT NULL, sku CHAR(8), qty INT UNSIGNED NOT NULL, PRIMARY KEY (order_id, line),
         CONSTRAINT item_order FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE)`,
      'LOCK TABLES item WRITE',
      '/*!40000 ALTER TABLE item DISABLE KEYS */',
      `INSERT INTO item VALUES (1, 1, 'aa', 1), (1, 2, 'bb', 2)`,
      '/*!40000 ALTER TABLE item ENABLE KEYS */',
      'UNLOCK TABLES',
      'SET foreign_key_checks = 1, unique_checks = 1',
      'INSERT INTO item VALUES (2, 9, NULL, 1)',
      'DELETE FROM orders WHERE id = 1',
    ],
  },
];
