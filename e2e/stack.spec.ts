import { createServer } from 'node:net';
import { createConnection } from 'mysql2/promise';
import {
  ensureStack,
  resetStack,
  stackStatus,
  startServer,
  stopServer,
  stopStack,
} from '@tributary/dev-stack';
import { describeLong } from './support/flavours';

const name = 'lifecycle';
const quiet = { name, mysql: 'mysql', say: () => undefined } as const;

async function query(uri: string, sql: string): Promise<unknown> {
  const connection = await createConnection({ uri });
  try {
    return (await connection.query(sql))[0];
  } finally {
    await connection.end();
  }
}

const states = async () =>
  Object.fromEntries((await stackStatus(name)).map(({ server, state }) => [server, state]));

describeLong('the stack', () => {
  jest.setTimeout(180_000);
  afterAll(() => resetStack(name, quiet.say));

  it('keeps ports and data through down and up, and up changes nothing that runs', async () => {
    const first = await ensureStack(quiet);
    await query(first.ADMIN_MYSQL_URL, 'CREATE DATABASE kept');
    const pids = (await stackStatus(name)).map(({ pid }) => pid);
    expect(await ensureStack(quiet)).toEqual(first);
    expect((await stackStatus(name)).map(({ pid }) => pid)).toEqual(pids);
    await stopStack(name, quiet.say);
    expect(await states()).toEqual({
      mysql: 'stopped',
      kafka: 'stopped',
      mongodb: 'stopped',
      redis: 'stopped',
    });
    expect(await ensureStack(quiet)).toEqual(first);
    expect(await query(first.ADMIN_MYSQL_URL, "SHOW DATABASES LIKE 'kept'")).toHaveLength(1);
  });

  it('starts a server again that was killed, on its port, with its data', async () => {
    const before = await ensureStack(quiet);
    await stopServer(name, 'mysql', 'SIGKILL');
    expect(await states()).toMatchObject({ mysql: 'died', redis: 'running' });
    await startServer(name, 'mysql');
    await stopServer(name, 'redis', 'SIGKILL');
    expect(await ensureStack(quiet)).toEqual(before);
    expect(await query(before.ADMIN_MYSQL_URL, "SHOW DATABASES LIKE 'kept'")).toHaveLength(1);
  });

  it("moves to another port when a stranger took a stopped server's, and leaves the stranger alone", async () => {
    const before = await ensureStack(quiet);
    await stopStack(name, quiet.say);
    const stranger = createServer();
    await new Promise<void>((resolve) =>
      stranger.listen(Number(new URL(before.REDIS_URL).port), '127.0.0.1', resolve),
    );
    try {
      const after = await ensureStack(quiet);
      expect(after).toEqual({ ...before, REDIS_URL: after.REDIS_URL });
      expect(after.REDIS_URL).not.toBe(before.REDIS_URL);
      expect(stranger.listening).toBe(true);
    } finally {
      await new Promise((resolve) => stranger.close(resolve));
    }
  });

  it('is gone after reset', async () => {
    await resetStack(name, quiet.say);
    expect(await stackStatus(name)).toEqual([]);
  });
});
