import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitForEnd } from '@tributary/dev-stack';
import { lastMessage } from './readiness';
import { serviceEnv, withoutForeign } from './service-env';
import { killService, listServices, startService, stopService } from './service-process';
import { readRecords } from './service-record';

/** A program with the outside of a service: port from the environment, readiness, SIGTERM. */
const program = `
const http = require('node:http');
if (process.env.FAIL) { console.log(JSON.stringify({ level: 60, msg: 'The environment is not usable' })); process.exit(78); }
http.createServer((request, response) => response.writeHead(request.url === '/health/ready' ? 200 : 404).end())
  .listen(Number(process.env.PORT), process.env.HTTP_HOST);
process.on('SIGTERM', () => process.env.DEAF || process.exit(0));
`;

describe('service processes', () => {
  const root = mkdtempSync(join(tmpdir(), 'tributary-services-'));
  const entry = join(root, 'main.cjs');
  const folder = join(root, 'run');
  const start = (env: Record<string, string> = {}) => startService('validator', { entry, folder, env });
  beforeAll(() => writeFileSync(entry, program));
  afterEach(() => Promise.all(readRecords(folder).map((record) => stopService(record, 100))));
  afterAll(() => rmSync(root, { recursive: true }));

  it('starts copies on ports of their own, lists them and stops them', async () => {
    const [first, second] = await Promise.all([start(), start()]);
    expect([first.copy, second.copy].sort()).toEqual([1, 2]);
    expect(first.port).not.toBe(second.port);
    expect((await listServices(folder)).map(({ app, ready }) => ({ app, ready }))).toEqual([
      { app: 'validator', ready: true },
      { app: 'validator', ready: true },
    ]);
    expect(await stopService(first)).toBe('stopped');
    expect(await listServices(folder)).toMatchObject([{ pid: second.pid }]);
  });

  it('kills for fault tests, and a later start takes the place of the dead copy', async () => {
    const dead = await start();
    await killService(dead);
    expect(await listServices(folder)).toEqual([]);
    await expect(killService(dead)).rejects.toThrow(/does not run any more/);
    const next = await start();
    expect(next).toMatchObject({ copy: dead.copy, log: dead.log });
  });

  it("fails with the service's own last message when it ends early", async () => {
    await expect(start({ FAIL: '1' })).rejects.toThrow(
      /ended while starting: The environment is not usable \(log: /,
    );
  });

  it('kills what ignores SIGTERM past the bound', async () => {
    const deaf = await start({ DEAF: '1' });
    expect(await stopService(deaf, 200)).toBe('killed');
    expect(await waitForEnd(deaf, 0)).toBe(true);
  });
});

describe('environment of a service', () => {
  it('holds no address of an account that is not its own, and not the mode of the test runner', () => {
    const env = withoutForeign({
      ADMIN_MYSQL_URL: 'a',
      APP_MARIADB_URL: 'b',
      MYSQL_URL: 'c',
      NODE_ENV: 'test',
    });
    expect(env).toEqual({ MYSQL_URL: 'c' });
  });

  it('asks no stack when everything is set, be it as a mounted file', async () => {
    const own = { MYSQL_URL_FILE: '/run/secrets/m', KAFKA_BROKERS: 'k', MONGODB_URI: 'm', REDIS_URL: 'r' };
    expect(await serviceEnv('nosuchstack', own)).toBe(own);
    await expect(serviceEnv('nosuchstack', {})).rejects.toThrow(
      /The stack "nosuchstack" is not up; start it with/,
    );
  });
});

describe('lastMessage', () => {
  it('is the error or text of a JSON line, else the line', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'tributary-log-')), 'log');
    const message = (text: string) => (writeFileSync(file, text), lastMessage(file));
    expect(message('{"msg":"one"}\n{"msg":"two","err":{"message":"three"}}\n')).toBe('three');
    expect(message('Error: plain\n')).toBe('Error: plain');
    rmSync(join(file, '..'), { recursive: true });
  });
});
