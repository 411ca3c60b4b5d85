import { filterFindings, inspectTables, installCapture, type Connection } from '../src';
import { flavours, openSource, type Source } from './servers';

const columns = `id INT PRIMARY KEY, t VARCHAR(40), b BLOB, e ENUM('x', 'y'), n INT, u BIGINT UNSIGNED, d DECIMAL(12, 3),
  f DOUBLE, at DATETIME(3), da DATE, ts TIMESTAMP(3) NULL, ti TIME, y YEAR`;

/** What no session of an application may turn into something else. */
const accepted = [
  'UNIX_TIMESTAMP(ts) >= 1793000000',
  'ts IS NOT NULL AND NOT UNIX_TIMESTAMP(`ts`) < 1793000000',
  'TIME_TO_SEC(ti) > 3600 OR ti IS NULL',
  "at > '2026-10-25 02:30:00' AND da < DATE '2026-11-01'",
  "at + INTERVAL 1 WEEK > '2026-11-01' AND TIMESTAMPDIFF(HOUR, da, at) > 5",
  'WEEK(da, 3) = 44 AND YEARWEEK(da, 1) > 202600 AND EXTRACT(MONTH FROM at) = 10',
  "DATE_FORMAT(da, '%d') > '24' AND LAST_DAY(da) = CAST('2026-10-31' AS DATE)",
  "t = 'É' AND t <> 'x\\\\y' AND t NOT LIKE '10\\%' AND 'a' = 'A'",
  `t IN ("it's", 'É', 'ss') OR t BETWEEN 'a' AND 'm'`,
  "t COLLATE utf8mb4_bin = 'é' OR UPPER(t) = 'SS' OR CONCAT(t, n) = 'É3'",
  "e = 'x' AND e + 0 < 2 OR b = X'00FF'",
  'n DIV 2 = 1 OR n % 3 = 0 AND NOT n = 3 OR MOD(n, 5) = 4 AND d * 3 > 10 AND f < 1e0',
  'CASE WHEN n > 1 THEN d ELSE f END >= 1.5 AND u <=> 18446744073709551615',
  "CAST(n AS CHAR) = '3' OR CAST(d AS SIGNED) = n OR CONVERT(f, DECIMAL(10, 2)) = 1.25 OR ROUND(d, 1) = 1.3",
  "MD5(t) < '8' OR CRC32(t) % 2 = 1 OR y = 2026 AND y - 26 = 2000",
];

/** By what the refusal must name. */
const refused: [where: string, names: RegExp][] = [
  ["ts > '2026-10-25 02:30:00'", /TIMESTAMP column ts.*UNIX_TIMESTAMP\(`ts`\)/],
  ['DATE(ts) = da', /TIMESTAMP column ts/],
  ['COALESCE(ts, at) > at', /TIMESTAMP column ts/],
  ['at > ts', /TIMESTAMP column ts/],
  ['UNIX_TIMESTAMP(at) > 0', /UNIX_TIMESTAMP of anything but/],
  ['UNIX_TIMESTAMP() > 0', /UNIX_TIMESTAMP of anything but/],
  ['UNIX_TIMESTAMP(ts + INTERVAL 1 DAY) > 0', /TIMESTAMP column ts/],
  ["ti > '01:00:00'", /TIME column ti.*TIME_TO_SEC\(`ti`\)/],
  ['ti < at', /TIME column ti/],
  ["at > '2026-10-25 02:30:00+02:00'", /names a time zone/],
  ...[
    'NOW()',
    'now(3)',
    'CURRENT_TIMESTAMP',
    'CURRENT_TIMESTAMP()',
    'LOCALTIME',
    'SYSDATE()',
    'UTC_TIMESTAMP',
    'CURDATE()',
  ].map((call): [string, RegExp] => [`at < ${call}`, new RegExp(/\w+/.exec(call)![0], 'i')]),
  ...[
    'CURRENT_USER',
    'CURRENT_USER()',
    'USER()',
    'SESSION_USER()',
    'DATABASE()',
    'SCHEMA()',
    'VERSION()',
    'UUID()',
  ].map((call): [string, RegExp] => [`t = ${call}`, new RegExp(/\w+/.exec(call)![0], 'i')]),
  ...[
    'RAND()',
    'SLEEP(0)',
    'CONNECTION_ID()',
    'LAST_INSERT_ID()',
    'FOUND_ROWS()',
    "GET_LOCK('x', 0)",
    'ROW_COUNT()',
    'BENCHMARK(1, 1)',
  ].map((call): [string, RegExp] => [`n = ${call}`, new RegExp(/\w+/.exec(call)![0], 'i')]),
  ['FROM_UNIXTIME(n) > at', /FROM_UNIXTIME.*UNIX_TIMESTAMP\(column\)/],
  ["CONVERT_TZ(at, '+00:00', @@time_zone) > at", /variable/],
  ["CONVERT_TZ(at, 'SYSTEM', '+00:00') > at", /CONVERT_TZ/],
  ['WEEK(da) = 1', /WEEK without a mode.*WEEK\(x, 3\)/],
  ['EXTRACT(WEEK FROM da) = 1', /WEEK\(x, 3\)/],
  ['YEARWEEK(da) = 1', /YEARWEEK\(x, 3\)/],
  ["DAYNAME(da) = 'Monday'", /DAYNAME.*WEEKDAY/],
  ["MONTHNAME(da) = 'May'", /MONTHNAME.*MONTH\(x\)/],
  ["DATE_FORMAT(da, '%M') = 'May'", /DATE_FORMAT.*lc_time_names/],
  ['DATE_FORMAT(da, t) = t', /DATE_FORMAT/],
  ["FORMAT(n, 2) = '1'", /FORMAT/],
  ['n / 3 = 0.3333', /div_precision_increment/],
  ["t || 'x'", /\|\|/],
  ['n = @x', /variable/],
  ['n = @@session.div_precision_increment', /variable/],
  ['n IN (SELECT 1)', /SELECT/],

  ['DB.my_function(n)', /my_function|`?DB`?|no column/i],
  ['my_function(n)', /MY_FUNCTION/],
  ['`my_function`(n)', /my_function/i],
  ['/*M! RAND() > 2 OR */ n = 1', /executable comment/],
  ['YEAR(t) = 2026', /text of t/],
  ['CAST(t AS DATETIME) > at', /text of t/],
  ['at = t', /text of one of at and t/],
  ['CAST(n AS TIME) = 1', /casts to TIME/],
  ["at > TIME '10:00:00'", /literal TIME/],
  ["at > TIMESTAMP '2026-01-01 00:00:00'", /literal TIMESTAMP/],
  ['TIME(at) = 1', /TIME/],
  ['MAKETIME(n, 1, 1) = at', /MAKETIME/],
];

describe.each(flavours)('row filters on %s', (flavour) => {
  let source: Source;
  let admin: Connection;

  beforeAll(async () => {
    source = await openSource(flavour);
    ({ admin } = source);
  });

  afterAll(() => source.close());

  it('R9: what could be another filter in another session is refused by name', async () => {
    await admin.query(`CREATE TABLE refused (${columns})`);
    const findings: [string, string][] = [];
    for (const [where] of refused) {
      const config = source.config(`{ table: DB.refused, where: ${JSON.stringify(where)} }`);
      const { plans } = await inspectTables(source.relay, config);
      const found = await filterFindings(source.relay, plans);
      findings.push([
        where,
        found.map(({ level, table, message }) => `${level} ${table}: ${message}`).join(),
      ]);
    }
    expect(findings).toEqual(
      refused.map(([where, names]) => [
        where,
        expect.stringMatching(
          new RegExp(`^refuse ${source.database}.refused: .*${names.source}`, `s${names.flags}`),
        ),
      ]),
    );
  });

  it('R9: an accepted filter takes the same rows in every session', async () => {
    const tables = accepted.map((_, at) => `f${at}`);
    for (const table of tables) await admin.query(`CREATE TABLE ${table} (${columns}) CHARACTER SET utf8mb4`);
    await installCapture(
      source.relay,
      source.config(...accepted.map((where, at) => `{ table: DB.f${at}, where: ${JSON.stringify(where)} }`)),
    );
    const sessions = await Promise.all(
      [
        [],
        [
          "time_zone = '+05:30'",
          // The MySQL of the tests comes without other languages.
          ...(flavour === 'mariadb' ? ["lc_time_names = 'de_DE'"] : []),
          'div_precision_increment = 0',
          'default_week_format = 6',
        ],
        [
          "time_zone = '-11:00'",
          "sql_mode = 'ANSI,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT,HIGH_NOT_PRECEDENCE'",
        ],
        [
          "time_zone = 'SYSTEM'",
          "collation_connection = 'latin1_german2_ci'",
          'timestamp = 1',
          'max_sort_length = 8',
        ],
        [
          "time_zone = '+00:00'",
          "character_set_connection = 'ascii'",
          "character_set_results = 'latin1'",
          'div_precision_increment = 30',
        ],
        flavour === 'mariadb'
          ? [
              "old_mode = 'ZERO_DATE_TIME_CAST'",
              "default_regex_flags = 'DOTALL,EXTENDED'",
              "collation_connection = 'utf8mb4_bin'",
            ]
          : ["collation_connection = 'utf8mb4_bin'", 'windowing_use_high_precision = 0'],
      ].map(async (settings) => {
        const session = await source.open();
        for (const setting of settings) await session.query(`SET SESSION ${setting}`);
        return session;
      }),
    );
    // The rows stand in a table of their own, so that each session writes the very same ones.
    await admin.query(`CREATE TABLE rows_1 (${columns}) CHARACTER SET utf8mb4`);
    const texts = ["'É'", "'é'", "'ß'", "'ss'", "'10%'", "'x\\\\y'", "'b'", "'3'", 'NULL'];
    const stamps = ['1792886399.999', '1792888200', '1793000000', '1793007000.5', 'NULL'];
    for (let id = 0; id < 45; id += 1)
      await admin.query(
        `INSERT INTO rows_1 VALUES (${id}, ${texts[id % 9]}, ${id % 2 ? "X'00FF'" : "'x'"}, ${id % 3 ? "'x'" : "'y'"}, ${id % 7}, ${id % 4 ? id : '18446744073709551615'},
         ${id % 6}.25, ${(id % 5) / 4}, '2026-10-25 0${id % 9}:30:00', '2026-10-${20 + (id % 12)}', FROM_UNIXTIME(${stamps[id % 5]}), '0${id % 9}:15:00', ${2020 + (id % 8)})`,
      );
    for (const table of tables)
      for (const [at, session] of sessions.entries()) {
        const from = at * 100;
        await session.query(
          `INSERT INTO ${table} SELECT id + ${from}, t, b, e, n, u, d, f, at, da, ts, ti, y FROM rows_1`,
        );
        // Every row takes the values of another one.
        await session.query(
          `UPDATE ${table} x JOIN rows_1 r ON r.id = (x.id - ${from} + 7) % 45 SET x.t = r.t, x.b = r.b, x.e = r.e, x.n = r.n,
             x.u = r.u, x.d = r.d, x.f = r.f, x.at = r.at, x.da = r.da, x.ts = r.ts, x.ti = r.ti, x.y = r.y WHERE x.id BETWEEN ${from} AND ${from + 99}`,
        );
        await session.query(`DELETE FROM ${table} WHERE id BETWEEN ${from} AND ${from + 99}`);
      }
    const logs = new Map<string, Map<number, string[]>>();
    const [entries] = await admin.query(
      `SELECT s.table_name AS name, JSON_EXTRACT(l.row_key, '$[0]') AS id, l.op FROM ${source.captureSchema}.change_log l
       JOIN ${source.captureSchema}.table_shape s ON s.id = l.shape_id WHERE l.op <> 'm' ORDER BY l.id`,
    );
    for (const { name, id, op } of entries as { name: string; id: string; op: string }[]) {
      const number = Number(id.replaceAll('"', ''));
      const table = name.slice(name.indexOf('.') + 1);
      const of = logs.get(table) ?? logs.set(table, new Map()).get(table)!;
      const session = Math.floor(number / 100);
      of.set(session, [...(of.get(session) ?? []), `${number % 100}${op}`]);
    }
    for (const [at, where] of accepted.entries()) {
      // What the relay's own session says of the same rows.
      const [inside] = await source.relay.query(
        `SELECT id FROM ${source.database}.rows_1 AS f${at} WHERE (${where}) ORDER BY id`,
      );
      const ids = (inside as { id: number }[]).map(({ id }) => Number(id));
      const expected = {
        inserts: ids.map((id) => `${id}c`),
        deletes: ids.map((id) => `${(id + 38) % 45}d`).sort(),
      };
      expect([where, ids.length > 0 && ids.length < 45]).toEqual([where, true]);
      for (const session of sessions.keys()) {
        const log = logs.get(`f${at}`)?.get(session) ?? [];
        // The first entries are those of the inserts, the last those of the deletes.
        expect([where, session, log.slice(0, ids.length)]).toEqual([where, session, expected.inserts]);
        expect([where, session, log.slice(-ids.length).sort()]).toEqual([where, session, expected.deletes]);
        const first = logs.get(`f${at}`)!.get(0)!;
        expect([where, session, [...log].sort()]).toEqual([where, session, [...first].sort()]);
      }
    }
  }, 120_000);
});
