import { createHash } from 'node:crypto';

export const DATABASE = 'bench_source';

/** A table to write to, and how. */
export interface BenchTable {
  readonly name: string;
  readonly columns: string;
  /** A row as SQL. */
  readonly row: (id: number) => string;
  /** What its updates set, the first on an indexed column. */
  readonly updates: readonly [string, string];
}

/** Digits of one row, the same at every run. */
const digits = (id: number, length: number) =>
  createHash('shake256', { outputLength: Math.ceil(length / 2) })
    .update(String(id))
    .digest('hex')
    .replaceAll(/[a-f]/g, '-')
    .slice(0, length);

export const benchTables: readonly BenchTable[] = [
  {
    // As sysbench makes it.
    name: 'sbtest1',
    columns: `id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, k INT NOT NULL DEFAULT 0,
      c CHAR(120) NOT NULL DEFAULT '', pad CHAR(60) NOT NULL DEFAULT '', KEY k_1 (k)`,
    row: (id) => `(${id}, ${id % 1000}, '${digits(id, 119)}', '${digits(id, 59)}')`,
    updates: ['k = k + 1', `c = REVERSE(c)`],
  },
  {
    name: 'wide',
    columns: `id BIGINT NOT NULL PRIMARY KEY, user_id INT UNSIGNED NOT NULL, state ENUM('new','paid','sent') NOT NULL,
      email VARCHAR(255) NOT NULL, name VARCHAR(100) NULL, total DECIMAL(12,2) NOT NULL, weight DOUBLE NULL,
      made DATETIME(6) NOT NULL, seen TIMESTAMP NULL, active TINYINT(1) NOT NULL, note TEXT NULL, url VARCHAR(255) NULL,
      KEY user (user_id)`,
    row: (id) =>
      `(${id}, ${id % 1000}, 'paid', 'user${id}@example.com', 'Grace Hopper', ${id}.25, ${id}.5, ` +
      `'2026-11-28 12:00:00.123456', '2026-11-28 12:00:00', 1, '${digits(id, 60)}', 'https://example.com/users/${id}')`,
    updates: ['user_id = user_id + 1', 'total = total + 1'],
  },
];
