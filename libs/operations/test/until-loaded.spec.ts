import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMysql, type Connection } from '@tributary/capture';
import { stackEnv, uniqueName } from '@tributary/testing';
import { install, Servers, startSnapshots, untilLoaded, type OperationContext } from '../src';

const env = stackEnv();
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const name = uniqueName('loaded');
const folder = mkdtempSync(join(tmpdir(), 'tributary-loaded-'));

describe('waiting for loads, with no relay that could begin one', () => {
  let admin: Connection;
  let servers: Servers;
  let context: OperationContext;
  const settle = (table: string, state: string) =>
    admin.query(`UPDATE tributary_${name}.snapshot_job SET state = ? WHERE table_name = ?`, [
      state,
      `${name}.${table}`,
    ]);

  beforeAll(async () => {
    const file = join(folder, 'sync.yaml');
    writeFileSync(
      file,
      `topics: { prefix: ${name} }\ncapture: { schema: tributary_${name} }\ntables: [{ table: ${name}.* }]\n`,
    );
    admin = await openMysql(env.ADMIN_MYSQL_URL);
    await admin.query(`CREATE DATABASE ${name}`);
    for (const table of ['a', 'b']) await admin.query(`CREATE TABLE ${name}.${table} (id INT PRIMARY KEY)`);
    servers = new Servers({ mysql: true }, silent, { ...process.env, SYNC_CONFIG: file });
    context = { servers, log: silent, note: () => undefined };
    await install(context, {});
  });

  afterAll(async () => {
    await servers?.close();
    for (const database of [name, `tributary_${name}`])
      await admin?.query(`DROP DATABASE IF EXISTS ${database}`);
    admin?.destroy();
    rmSync(folder, { recursive: true });
  });

  it('waits for a table that no load was queued for, then for one under way, and ends when all are done', async () => {
    await startSnapshots(context, { table: `${name}.a` });
    await settle('a', 'done');
    await untilLoaded(context, { table: `${name}.a` });
    const seen: string[] = [];
    const all = untilLoaded(context, {
      onProgress: (jobs) => seen.push(jobs.map(({ table, state }) => `${table.slice(-1)} ${state}`).join()),
    });
    const ended = jest.fn();
    void all.then(ended);
    const until = async (text: string) => {
      while (!seen.some((line) => line.includes(text)))
        await new Promise((resolve) => setTimeout(resolve, 20));
    };
    await until('a done');
    await startSnapshots(context, { table: `${name}.b` });
    await until('b queued');
    expect(ended).not.toHaveBeenCalled();
    await settle('b', 'done');
    await all;
  });

  it('says which load has failed, and ends where the signal says', async () => {
    await settle('b', 'failed');
    await expect(untilLoaded(context, {})).rejects.toMatchObject({ code: 'SNAPSHOT' });
    await settle('b', 'running');
    const reason = new Error('The person has gone.');
    await expect(untilLoaded({ ...context, signal: AbortSignal.abort(reason) }, {})).rejects.toThrow();
  });
});
