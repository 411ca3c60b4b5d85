import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { createServer as createHttp } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sparkRemote, stackEnv, TcpProxy, waitFor } from '@tributary/testing';
import { openSpark, type Row, type SparkSession } from '../src';
import { Connection } from '../src/client/connection';
import { statementPlan } from '../src/client/plan';
import { parseRemote } from '../src/client/remote';
import { runStatement } from '../src/client/statement-run';

describe('the network between command line and Spark', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-network-'));
  let proxy: TcpProxy;
  let spark: SparkSession;

  beforeAll(async () => {
    const { hostname, port } = new URL((await sparkRemote()).replace(/^sc:/, 'http:'));
    proxy = await TcpProxy.open(`${hostname}:${port}`);
  });
  beforeEach(async () => {
    proxy.accept();
    proxy.flow();
    spark = await openSpark({ remote: `sc://${proxy.address}` });
  });
  afterEach(() => spark.close());
  afterAll(async () => {
    await proxy?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Each run of the program leaves a line, so that a second run of the statement shows. */
  const counting = (name: string, seconds: number) => {
    const runs = join(folder, name);
    const sql = `SELECT TRANSFORM(id) USING 'echo run >>${runs}; sleep ${seconds}; cat' AS (result STRING) FROM (SELECT id FROM range(0, 2, 1, 2))`;
    return { sql, runs: () => (existsSync(runs) ? readFileSync(runs, 'utf8') : '') };
  };
  const collected = async (batches: AsyncIterable<Row[]>) => {
    const all: Row[] = [];
    for await (const rows of batches) all.push(...rows);
    return all;
  };
  const both = [{ result: '0' }, { result: '1' }];

  it('a cut stream is taken up again, and the statement runs once', async () => {
    const { sql, runs } = counting('cut', 3);
    const rows = spark.rows(sql);
    await waitFor(() => runs() === 'run\nrun\n', { timeoutMs: 20_000 });
    proxy.cut();
    await sleep(500);
    proxy.cut({ refuse: true });
    await sleep(1500);
    proxy.accept();
    await expect(rows).resolves.toEqual(both);
    expect(runs()).toBe('run\nrun\n');
  });

  it('so is one that is cut in the middle of its rows: none is lost, none comes twice', async () => {
    await spark.setConf({ 'spark.sql.execution.arrow.maxRecordsPerBatch': '500' });
    let next = 0n;
    let cuts = 0;
    const text = `SELECT id, repeat('x', 1000) AS x FROM range(0, 40000, 1, 8) ORDER BY id`;
    for await (const rows of spark.query(text)) {
      for (const { id } of rows) {
        expect(id).toBe(next);
        next += 1n;
      }
      if (next % 8000n === 0n && cuts < 4) {
        cuts += 1;
        proxy.cut();
      }
    }
    expect(next).toBe(40_000n);
    expect(cuts).toBeGreaterThan(1);
  });

  it('a statement whose request was lost is sent again', async () => {
    proxy.cut({ refuse: true });
    const rows = spark.rows('SELECT 1 AS one');
    await sleep(700);
    proxy.accept();
    await expect(rows).resolves.toEqual([{ one: 1 }]);
  });

  it('a half-open connection is noticed and replaced', async () => {
    const { sql, runs } = counting('half-open', 3);
    const connection = new Connection(parseRemote(`sc://${proxy.address}`), {
      silenceMs: 500,
      answerMs: 500,
    });
    const rows = collected(runStatement(connection, statementPlan(sql), new AbortController().signal));
    await waitFor(() => runs() === 'run\nrun\n', { timeoutMs: 20_000 });
    // What was under way is lost, and neither side hears of it.
    proxy.intercept(() => null);
    await sleep(1500);
    proxy.intercept(undefined);
    await expect(rows).resolves.toEqual(both);
    expect(runs()).toBe('run\nrun\n');
    connection.drop();
  });

  it('a session that the server has ended is lost, and says so in one sentence', async () => {
    const connection = new Connection(parseRemote(`sc://${proxy.address}`));
    const run = (sql: string) =>
      collected(runStatement(connection, statementPlan(sql), new AbortController().signal));
    await expect(run('SELECT 1 AS one')).resolves.toEqual([{ one: 1 }]);
    const { sessionId, userContext } = connection.common;
    await connection.client.releaseSession({ sessionId, userContext });
    await expect(run('SELECT 1')).rejects.toMatchObject({
      ...{ name: 'SyncError', kind: 'retry', code: 'SPARK_SESSION_LOST' },
      message: expect.stringMatching(/^The Spark server at sc:.* does not know this session/),
    });
    connection.drop();
  });

  it('aborting and closing end although nothing passes any more', async () => {
    const { sql, runs } = counting('unreachable', 6);
    const abort = new AbortController();
    const rows = spark.rows(sql, { signal: abort.signal });
    rows.catch(() => undefined);
    await waitFor(() => runs() === 'run\nrun\n', { timeoutMs: 20_000 });
    proxy.stall();
    const began = Date.now();
    abort.abort();
    await expect(rows).rejects.toMatchObject({ name: 'AbortError' });
    await spark.close();
    expect(Date.now() - began).toBeLessThan(20_000);
  });

  it('closing ends what runs, on the server too', async () => {
    const { sql, runs } = counting('closed', 4);
    const rows = spark.rows(sql);
    rows.catch(() => undefined);
    await waitFor(() => runs() === 'run\nrun\n', { timeoutMs: 20_000 });
    await spark.close();
    await expect(rows).rejects.toMatchObject({ code: 'SPARK_CLOSED' });
  });
});

describe('addresses that are no Spark Connect server', () => {
  const open: { close(): unknown }[] = [];
  afterAll(() => open.forEach((server) => server.close()));
  const listening = async <T extends Server>(server: T) => {
    open.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };
  const sentence = async (remote: string) => {
    const began = Date.now();
    const error = await openSpark({ remote }).then(
      () => undefined,
      (reason: Error) => reason,
    );
    expect(Date.now() - began).toBeLessThan(40_000);
    expect(error).toMatchObject({ name: 'SyncError' });
    expect(error!.message).not.toContain('\n');
    return error!.message;
  };

  it('nobody listens', async () => {
    await expect(sentence('sc://127.0.0.1:1')).resolves.toMatch(/^Nobody listens at sc:\/\/127\.0\.0\.1:1\b/);
  });

  it('no such host', async () => {
    await expect(sentence('sc://no-such-host.invalid:15002')).resolves.toMatch(/no-such-host\.invalid/);
  });

  it('a web server', async () => {
    const port = await listening(createHttp((_, response) => response.end('hello')));
    await expect(sentence(`sc://127.0.0.1:${port}`)).resolves.toMatch(/is no Spark Connect server/);
  });

  it('MySQL', async () => {
    const port = new URL(stackEnv().MYSQL_URL).port;
    await expect(sentence(`sc://127.0.0.1:${port}`)).resolves.toMatch(/is no Spark Connect server/);
  });

  it('somebody who hangs up at once', async () => {
    const port = await listening(createServer((socket) => socket.destroy()));
    await expect(sentence(`sc://127.0.0.1:${port}`)).resolves.toMatch(/is no Spark Connect server/);
  });

  it('TLS where the server speaks none', async () => {
    const { port } = new URL((await sparkRemote()).replace(/^sc:/, 'http:'));
    await expect(sentence(`sc://127.0.0.1:${port}/;use_ssl=true;token=secret-of-mine`)).resolves.toMatch(
      /^(?!.*secret-of-mine).*TLS/,
    );
  });
});
