import { rowOf, text, textSql, type Cell, type MatrixRow, type MatrixTable } from './matrix-table';

/** Texts as an application writes them: literals in the character set and SQL dialect of its own connection. */
const writers: readonly { charset: string; session: string; sql: string; value: string }[] = [
  { charset: 'UTF8MB4_UNICODE_CI', session: `sql_mode = ''`, sql: `'x\\'\\\\\\"\\n😀'`, value: `x'\\"\n😀` },
  { charset: 'LATIN1_SWEDISH_CI', session: `sql_mode = ''`, sql: `'café ÿ'`, value: 'café ÿ' },
  { charset: 'GBK_CHINESE_CI', session: `sql_mode = ''`, sql: `'漢字'`, value: '漢字' },
  { charset: 'SJIS_JAPANESE_CI', session: `sql_mode = ''`, sql: `'表示'`, value: '表示' },
  { charset: 'CP1251_GENERAL_CI', session: `sql_mode = ''`, sql: `'Привет'`, value: 'Привет' },
  { charset: 'UTF8MB4_UNICODE_CI', session: `sql_mode = 'ANSI_QUOTES'`, sql: `'"x" \\\\'`, value: '"x" \\' },
  {
    charset: 'UTF8MB4_UNICODE_CI',
    session: `sql_mode = 'NO_BACKSLASH_ESCAPES'`,
    sql: `'a\\n😀''\\'`,
    value: `a\\n😀'\\`,
  },
  { charset: 'UTF8MB4_UNICODE_CI', session: `sql_mode = 'TRADITIONAL'`, sql: `'ok'`, value: 'ok' },
  { charset: 'UTF8MB4_UNICODE_CI', session: `sql_mode = 'PIPES_AS_CONCAT'`, sql: `'a' || 'b'`, value: 'ab' },
  {
    charset: 'UTF8MB4_UNICODE_CI',
    session: `sql_mode = 'PAD_CHAR_TO_FULL_LENGTH'`,
    sql: `'pad'`,
    value: 'pad',
  },
  { charset: 'UTF8MB4_UNICODE_CI', session: `sql_mode = 'ORACLE'`, sql: `'oracle'`, value: 'oracle' },
  { charset: 'UTF8MB4_UNICODE_CI', session: `character_set_results = NULL`, sql: `'ü'`, value: 'ü' },
  { charset: 'LATIN1_SWEDISH_CI', session: `character_set_connection = ucs2`, sql: `'ü'`, value: 'ü' },
  {
    charset: 'UTF8MB4_UNICODE_CI',
    session: `div_precision_increment = 0, group_concat_max_len = 4`,
    sql: `'long enough'`,
    value: 'long enough',
  },
];

export function sessionTable(server: 'mysql' | 'mariadb'): MatrixTable {
  const rows = writers
    .filter(({ session }) => server === 'mariadb' || !session.includes('ORACLE'))
    .map(({ charset, session, sql, value }, at): MatrixRow => {
      const written: Cell = { ...text(value), sql };
      return {
        ...rowOf('sessions', at + 1, [
          ['c', written],
          ['v', written],
          ['f', { sql: '0.1', mongo: 0.10000000149011612, redis: '0.10000000149011612' }],
          ['d', { sql: "'12:30'", mongo: '12:30:00', redis: '12:30:00' }],
        ]),
        connection: { charset, session: [`SET ${session}`] },
      };
    });
  return {
    name: 'sessions',
    ddl: `CREATE TABLE sessions (id INT PRIMARY KEY, c CHAR(20) CHARACTER SET utf8mb4, v VARCHAR(20) CHARACTER SET utf8mb4,
      f FLOAT, d TIME)`,
    rows,
  };
}

/** The two instants that are both 02:30 in a zone whose summer time ends, and the one before the hour that is left out. */
export function foldTable(zone: string): MatrixTable {
  const instants = [
    '2026-10-25T00:30:00.123456Z',
    '2026-10-25T01:30:00.123456Z',
    '2026-03-29T00:59:59.999999Z',
  ];
  return {
    name: 'fold',
    ddl: `CREATE TABLE fold (id INT PRIMARY KEY, z VARCHAR(40), whole TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP,
      milli TIMESTAMP(3) NULL DEFAULT CURRENT_TIMESTAMP(3), micro TIMESTAMP(6) NULL DEFAULT CURRENT_TIMESTAMP(6))`,
    rows: instants.map((instant, at): MatrixRow => {
      const seconds = Date.parse(instant) / 1000;
      const row = rowOf(
        'fold',
        at + 1,
        [['z', text(zone, textSql(zone))]],
        [
          ['whole', stamp(`${instant.slice(0, 19)}Z`)],
          ['milli', stamp(`${instant.slice(0, 23)}Z`)],
          ['micro', { sql: '', mongo: instant, redis: instant }],
        ],
      );
      const now = `${Math.floor(seconds)}${instant.slice(19, 26)}`;
      return { ...row, connection: { session: [`SET time_zone = '${zone}'`, `SET timestamp = ${now}`] } };
    }),
  };
}

const stamp = (utc: string): Cell => ({ sql: '', mongo: new Date(utc), redis: utc });
