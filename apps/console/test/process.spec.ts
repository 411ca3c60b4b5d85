import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { stackEnv } from '@tributary/testing';
import { Client } from './support/client';
import { TestFiles } from './support/test-console';

jest.setTimeout(120_000);

const root = join(__dirname, '../../..');

describe('the built console as a process', () => {
  const files = new TestFiles();
  const env = { ...process.env, ...stackEnv(), SYNC_CONFIG: files.syncFile, PORT: '0', HTTP_HOST: '' };
  const program = join(root, 'dist/apps/console/main.js');
  beforeAll(() => {
    const code = `import('./libs/dev-services/src/ensure-built.cjs').then((m) => m.ensureBuilt(['console']))`;
    const { status, stderr } = spawnSync(process.execPath, ['-e', code], { cwd: root, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  });
  afterAll(() => files.remove());

  it('R14: nobody has to log in, so no other interface than loopback', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program], {
      ...{ env: { ...env, HTTP_HOST: '0.0.0.0' }, encoding: 'utf8', timeout: 60_000 },
    });
    expect([status, stdout]).toEqual([78, '']);
    expect(stderr).toContain('HTTP_HOST');
  });

  it('prints an address that logs in, and ends at SIGTERM also with streams open', async () => {
    const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const [, url, token] = /^(http:\/\/127\.0\.0\.1:\d+)\/#token=([\w-]{43})$/.exec(line)!;
    const browser = await new Client(url!).login({ token: token! });
    expect((await browser.done('session')).user?.role).toBe('operator');
    const stream = await browser.send('GET', '/api/v1/events');
    expect(stream.status).toBe(200);
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(0);
    await stream.body?.cancel().catch(() => undefined);
  });
});
