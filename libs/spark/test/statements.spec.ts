import { sparkRemote, uniqueName } from '@tributary/testing';
import {
  openSpark,
  type Row,
  type SparkSession,
  type StatementOptions,
  type StatementProgress,
} from '../src';

describe('statements on a real Spark', () => {
  let remote: string;
  let spark: SparkSession;

  beforeAll(async () => {
    remote = await sparkRemote();
    spark = await openSpark({ remote });
  });
  afterAll(() => spark?.close());

  it('a query gives its rows as objects, every type without a digit lost', async () => {
    const [row] = await spark.rows(`SELECT
      CAST(7 AS TINYINT) AS tiny, 2147483647 AS whole, 9223372036854775807L AS big, 1.5D AS double,
      CAST('-12345678901234567890123456.0100' AS DECIMAL(38, 4)) AS exact, CAST(0 AS DECIMAL(3, 2)) AS zero,
      'Ünï\\u0000 \\'quoted\\'' AS text, CAST(NULL AS STRING) AS nothing, true AS yes, X'00FF' AS bytes,
      DATE'2024-02-29' AS day, TIMESTAMP'2024-02-29 12:00:00.123' AS instant,
      array(1, NULL, 3) AS list, named_struct('a', 1L, 'b', CAST(1.25 AS DECIMAL(5, 2))) AS struct,
      map('k', array(CAST(2 AS DECIMAL(5, 1)))) AS map`);
    expect(row).toEqual({
      ...{ tiny: 7, whole: 2147483647, big: 9223372036854775807n, double: 1.5 },
      ...{ exact: '-12345678901234567890123456.0100', zero: '0.00' },
      ...{ text: `Ünï\0 'quoted'`, nothing: null, yes: true, bytes: new Uint8Array([0, 255]) },
      ...{ day: new Date('2024-02-29T00:00:00Z'), instant: new Date('2024-02-29T12:00:00.123Z') },
      ...{ list: [1, null, 3], struct: { a: 1n, b: '1.25' }, map: new Map([['k', ['2.0']]]) },
    });
  });

  it('rows come batch by batch, in order and each once', async () => {
    await spark.setConf({ 'spark.sql.execution.arrow.maxRecordsPerBatch': '1000' });
    let batches = 0;
    let next = 0n;
    for await (const rows of spark.query('SELECT id FROM range(0, 20000, 1, 4) ORDER BY id')) {
      batches += 1;
      for (const { id } of rows) if (id === next) next += 1n;
    }
    expect(next).toBe(20_000n);
    expect(batches).toBeGreaterThan(4);
  });

  it('no rows are an empty list', async () => {
    await expect(spark.rows('SELECT 1 AS a WHERE false')).resolves.toEqual([]);
  });

  it('commands run once, and views are of the session', async () => {
    const name = uniqueName('view');
    await spark.view(name, 'SELECT id * 2 AS twice FROM range(3)');
    await expect(spark.rows(`SELECT sum(twice) AS sum FROM ${name}`)).resolves.toEqual([{ sum: 6n }]);
    await spark.rows(`CREATE OR REPLACE TEMPORARY VIEW ${name} AS SELECT 5 AS five`);
    await expect(spark.rows(`SELECT * FROM ${name}`)).resolves.toEqual([{ five: 5 }]);
    const other = await openSpark({ remote });
    await expect(other.rows(`SELECT * FROM ${name}`)).rejects.toThrow(/TABLE_OR_VIEW_NOT_FOUND/);
    await other.close();
    const table = uniqueName('table');
    await spark.rows(`CREATE TABLE ${table} USING json AS SELECT 1 AS a`);
    await spark.rows(`INSERT INTO ${table} VALUES (2)`);
    await expect(spark.rows(`SELECT count(*) AS n FROM ${table}`)).resolves.toEqual([{ n: 2n }]);
    await spark.rows(`DROP TABLE ${table}`);
  });

  it('tells its version and how many tasks run at once', async () => {
    expect(spark.version).toMatch(/^4\./);
    await expect(spark.slots()).resolves.toBe(2);
  });

  it('tells how far a statement is', async () => {
    const seen: StatementProgress[] = [];
    const options: StatementOptions = { onProgress: (progress) => seen.push(progress) };
    await spark.rows(
      `SELECT TRANSFORM(id) USING 'sleep 1.5; cat' AS (result STRING) FROM (SELECT id FROM range(0, 6, 1, 6))`,
      options,
    );
    expect(seen.some(({ tasks, done, running }) => tasks === 6 && done < 6 && running > 0)).toBe(true);
    const done = seen.map((progress) => progress.done);
    expect(done).toEqual([...done].sort((a, b) => a - b));
  });

  it('statements of a session run beside each other', async () => {
    const order: string[] = [];
    const slow = spark
      .rows(
        `SELECT TRANSFORM(id) USING 'sleep 3; cat' AS (result STRING) FROM (SELECT id FROM range(0, 1, 1, 1))`,
      )
      .then((rows) => (order.push('slow'), rows));
    const quick = Promise.all([1, 2, 3].map((n) => spark.rows(`SELECT ${n} AS n`))).then(
      (rows) => (order.push('quick'), rows.flat()),
    );
    await expect(Promise.all([slow, quick])).resolves.toEqual([
      [{ result: '0' }],
      [{ n: 1 }, { n: 2 }, { n: 3 }] satisfies Row[],
    ]);
    expect(order).toEqual(['quick', 'slow']);
  });

  it.each([
    ['SELECT no_such FROM range(1)', /UNRESOLVED_COLUMN.*no_such/],
    ['SELEC 1', /PARSE_SYNTAX_ERROR.*SELEC/],
    ["SELECT raise_error('enough of it')", /USER_RAISED_EXCEPTION.*enough of it/],
    ["SELECT CAST('x' AS INT)", /CAST_INVALID_INPUT/],
    ['SELECT * FROM json.`/no/such/file`', /PATH_NOT_FOUND.*no\/such\/file/],
    [
      "SELECT TRANSFORM(id) USING 'no-such-program' AS (result STRING) FROM (SELECT id FROM range(1))",
      /no-such-program: command not found/,
    ],
  ])('%s: one sentence, without a stack trace', async (sql, sentence) => {
    const error = await spark.rows(sql).then(
      () => undefined,
      (reason: Error) => reason,
    );
    expect(error).toMatchObject({
      name: 'SyncError',
      kind: 'fatal',
      message: expect.stringMatching(sentence),
    });
    expect(error!.message).not.toMatch(/\n|\bat [\w$.]+\(|SQLSTATE|JVM stacktrace|^\[internal\]/);
  });

  it('configuration of the whole server cannot be set, and a session says so', async () => {
    await expect(spark.setConf({ 'spark.sql.warehouse.dir': '/x' })).rejects.toThrow(
      /spark\.sql\.warehouse\.dir/,
    );
  });
});
