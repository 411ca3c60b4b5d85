import { columnsTable, lenient, type Cell, type MatrixTable } from './matrix-table';

/** A literal that stays text in both targets. */
const same = (text: string): Cell => ({ sql: `'${text}'`, mongo: text, redis: text });
const zero = (text: string) => lenient(same(text));

/** MySQL's text of a DATETIME, ISO 8601 in the targets, a Date where MongoDB can hold all its digits. */
function datetime(sql: string, instant?: string): Cell {
  const redis = sql.replace(' ', 'T');
  return { sql: `'${sql}'`, mongo: instant === undefined ? redis : new Date(instant), redis };
}

/** An instant given in UTC, written as the session's own zone has it. */
function timestamp(utc: string, digits = 0): Cell {
  const sql = `CONVERT_TZ('${utc.replace('T', ' ').replace('Z', '')}', '+00:00', @@session.time_zone)`;
  return { sql, mongo: digits > 3 ? utc : new Date(utc), redis: utc };
}

export function timeTables(): MatrixTable[] {
  return [
    columnsTable('times', [
      {
        type: 'DATE',
        cells: [
          same('1000-01-01'),
          same('9999-12-31'),
          same('2024-02-29'),
          zero('0000-00-00'),
          zero('2026-00-00'),
          zero('2026-11-00'),
          zero('2026-02-31'),
        ],
      },
      {
        type: 'DATETIME',
        cells: [
          datetime('1000-01-01 00:00:00', '1000-01-01T00:00:00Z'),
          datetime('9999-12-31 23:59:59', '9999-12-31T23:59:59Z'),
          datetime('2026-03-29 02:30:00', '2026-03-29T02:30:00Z'),
          datetime('1969-12-31 23:59:59', '1969-12-31T23:59:59Z'),
          zero('0000-00-00 00:00:00'),
          zero('2026-00-00 12:30:00'),
          zero('2026-02-31 10:00:00'),
        ],
      },
      {
        type: 'DATETIME(3)',
        cells: [
          datetime('1000-01-01 00:00:00.001', '1000-01-01T00:00:00.001Z'),
          datetime('9999-12-31 23:59:59.999', '9999-12-31T23:59:59.999Z'),
          datetime('2026-10-25 02:30:00.500', '2026-10-25T02:30:00.500Z'),
          zero('0000-00-00 00:00:00.000'),
          zero('2026-11-00 00:00:00.120'),
        ],
      },
      { type: 'DATETIME(1)', cells: [datetime('2026-11-23 10:11:12.5', '2026-11-23T10:11:12.500Z')] },
      {
        type: 'DATETIME(6)',
        cells: [
          datetime('1000-01-01 00:00:00.000001'),
          datetime('9999-12-31 23:59:59.999999'),
          datetime('2026-11-23 10:11:12.123456'),
          datetime('2026-11-23 10:11:12.000000'),
          zero('0000-00-00 00:00:00.000000'),
          zero('2026-00-00 00:00:00.000001'),
          zero('2026-04-31 00:00:00.000001'),
        ],
      },
      {
        type: 'TIMESTAMP',
        cells: [
          timestamp('1970-01-01T00:00:01Z'),
          timestamp('2038-01-19T03:14:07Z'),
          timestamp('2026-10-25T00:30:00Z'),
          zero('0000-00-00 00:00:00'),
        ],
      },
      {
        type: 'TIMESTAMP(3)',
        cells: [
          timestamp('1970-01-01T00:00:01.001Z', 3),
          timestamp('2038-01-19T03:14:07.999Z', 3),
          timestamp('2026-10-25T01:30:00.120Z', 3),
          zero('0000-00-00 00:00:00.000'),
        ],
      },
      {
        type: 'TIMESTAMP(6)',
        cells: [
          timestamp('1970-01-01T00:00:01.000001Z', 6),
          timestamp('2038-01-19T03:14:07.999999Z', 6),
          timestamp('2026-11-23T10:11:12.120000Z', 6),
          zero('0000-00-00 00:00:00.000000'),
        ],
      },
      { type: 'TIME', cells: [same('-838:59:59'), same('838:59:59'), same('00:00:00'), same('-00:00:01')] },
      { type: 'TIME(3)', cells: [same('-100:00:00.001'), same('23:59:59.999')] },
      {
        type: 'TIME(6)',
        cells: [
          same('-838:59:59.000000'),
          same('838:59:59.000000'),
          same('-00:00:00.000001'),
          same('08:00:00.100000'),
        ],
      },
    ]),
  ];
}
