import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endpoints, type Endpoint, type Operation } from '@tributary/console-api';
import { hashPassword, makeToken, Sealer } from '@tributary/console-access';
import { waitFor } from '@tributary/testing';
import { EventHub } from '../src/live/event-hub';
import type { Client } from './support/client';
import { EventReader } from './support/event-reader';
import { secret, TestConsole, TestFiles } from './support/test-console';

jest.setTimeout(60_000);

/** Values that fit the form of every parameter. */
const params = { table: 'a.b', id: '1' } as never;
const changing = (Object.keys(endpoints) as Operation[]).filter((operation) => {
  const { method, role }: Endpoint = endpoints[operation];
  return method !== 'GET' && role === 'operator';
});

describe('an attacker', () => {
  const files = new TestFiles();
  const sealer = new Sealer(secret);
  const webFolder = join(files.folder, 'web');
  let server: TestConsole;
  let viewer: Client;
  let browser: Client;
  beforeAll(async () => {
    mkdirSync(join(webFolder, 'assets'), { recursive: true });
    files.write('web/index.html', '<!doctype html><title>the page</title>');
    files.write('web/assets/app-1a2b3c.js', '1');
    const users = `- { name: olga, role: operator, hash: "${await hashPassword('right')}" }`;
    const variables = { CONSOLE_USERS_FILE: files.write('users.yaml', users) };
    server = await TestConsole.start(files, { variables, webFolder });
    viewer = server.withToken(await makeToken(sealer, { name: 'vera', role: 'viewer' }, 1));
    browser = await server.client.login({ name: 'olga', password: 'right' });
  });
  afterAll(async () => {
    await server.stop();
    await files.remove();
  });

  /** As it is written, which fetch would mend. */
  const raw = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    new Promise<{ status: number; body: string; headers: NodeJS.Dict<string | string[]> }>(
      (resolve, reject) => {
        const { hostname, port } = new URL(server.url);
        const sent = request({ hostname, port, path, method, headers }, (response) => {
          let body = '';
          response.on('data', (piece: Buffer) => (body += piece.toString()));
          response.on('end', () =>
            resolve({ status: response.statusCode!, body, headers: response.headers }),
          );
        });
        sent.on('error', reject);
        sent.end();
      },
    );

  it('without a login gets nothing of any call but the way in', async () => {
    for (const [operation, endpoint] of Object.entries<Endpoint>(endpoints))
      if (endpoint.role !== 'anyone')
        expect([operation, ...(await server.client.problem(operation as Operation, { params }))]).toEqual([
          ...[operation, 401, 'LOGIN'],
        ]);
    expect((await server.client.send('GET', '/api/v1/events')).status).toBe(401);
  });

  it('who is a viewer changes nothing', async () => {
    expect(changing.length).toBeGreaterThan(10);
    for (const operation of changing)
      expect(await viewer.problem(operation, { params })).toEqual([403, 'ROLE']);
  });

  it('on another site cannot use a session: the CSRF token is missing, wrong, or of another session', async () => {
    const right = browser.csrf;
    const other = (await server.client.login({ name: 'olga', password: 'right' })).csrf;
    for (const csrf of [undefined, 'x', other, `${right} `.repeat(2)]) {
      browser.csrf = csrf;
      for (const operation of changing)
        expect(await browser.problem(operation, { params })).toEqual([403, 'CSRF']);
      expect(await browser.problem('logout')).toEqual([403, 'CSRF']);
    }
    browser.csrf = right;
    const form = await browser.send('POST', '/api/v1/dead-letters/discard', 'code=X', {
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(form.status).toBe(415);
    const preflight = await raw('/api/v1/overview', { origin: 'https://evil.example', host: 'x' }, 'OPTIONS');
    expect([preflight.status, preflight.headers['access-control-allow-origin']]).toEqual([405, undefined]);
  });

  it('forges no session and no token', async () => {
    const sealed = browser.cookie!.replace('tributary_session=', '');
    const user = { name: 'olga', role: 'operator' };
    const forged = [
      ...[
        '',
        'x',
        '{"name":"olga","role":"operator","csrf":"x"}',
        `${sealed}x`,
        sealed.slice(1),
        sealed.toUpperCase(),
      ],
      await new Sealer(`${secret}!`).seal('session', { ...user, csrf: 'x' }, 60_000),
      await sealer.seal('login', { ...user, csrf: 'x' }, 60_000),
      await sealer.seal('session', { ...user, csrf: 'x', stamp: 'of another password' }, 60_000),
      await sealer.seal('session', { ...user, role: 'root', csrf: 'x' }, 60_000),
      await sealer.seal('session', { ...user, csrf: 'x' }, 60_000),
      ...(await Promise.all(
        ['file', 'oidc', 'token', 'root'].map((via) =>
          sealer.seal('session', { ...user, csrf: 'x', via, stamp: 'x' }, 60_000),
        ),
      )),
      await sealer.seal('session', { ...user, csrf: 'x' }, 0.001),
    ];
    for (const cookie of forged) {
      const client = server.client;
      client.cookie = `tributary_session=${cookie}`;
      expect((await client.done('session')).user).toBeNull();
      expect(await server.withToken(cookie || 'x').problem('overview')).toEqual([401, 'LOGIN']);
    }
    // A wrong token is not mended by a right cookie.
    const both = await browser.send('GET', '/api/v1/overview', undefined, { authorization: 'Bearer x' });
    expect(both.status).toBe(401);
  });

  it.each([
    '/../../etc/passwd',
    '/..%2f..%2fetc/passwd',
    '/assets/..%2f..%2fusers.yaml',
    '/assets/%2e%2e/%2e%2e/users.yaml',
    '/api/docs/..%2f..%2fpackage.json',
    '/api/docs/package.json',
    '/api/docs/%00',
    '/api/v1/../../users.yaml',
    '//users.yaml',
    '/%',
    '/assets/%',
    '/.env',
    '/assets/none.js',
  ])('%s leads out of nothing', async (path) => {
    const { status, body } = await raw(path);
    expect(body).not.toMatch(/root:|\$argon2|swagger-ui-dist|node_modules|\bat .*\.[tj]s/);
    if (status === 200) expect(body).toContain('the page');
    else expect([400, 403, 404]).toContain(status);
  });

  it.each([
    '/api/v1/rows/a.b%0d%0aset-cookie:x=y/trace?key=1',
    '/api/v1/rows/__proto__/trace?key=1',
    '/api/v1/rows/a.b/trace?key[__proto__]=1&__proto__=1',
    '/api/v1/tables/constructor',
    '/api/v1/verifications/1%20or%201',
    "/api/v1/snapshots/1'--",
    '/api/v1/dead-letters/0:0%00',
    '/api/v1/dead-letters/9999999:1',
    `/api/v1/tables/${'x'.repeat(300)}`,
    `/api/v1/rows/a.b/trace?${'key=1&'.repeat(20)}`,
    '/api/v1/dead-letters?limit=1e9',
    '/api/v1/audit?limit=-1',
  ])('%s puts nothing where it does not belong', async (path) => {
    const { headers: of } = viewer;
    const { status, headers } = await raw(path, of);
    expect([200, 400, 404]).toContain(status);
    expect(headers['set-cookie']).toBeUndefined();
    expect(({} as Record<string, unknown>)['1']).toBeUndefined();
  });

  it('names no host that people are sent to by mistake, and no header that is too long', async () => {
    for (const host of ['evil.example/x', 'a@b', 'x y', '"'])
      expect(
        (await raw('/api/v1/session', { host, 'content-type': 'application/json' }, 'DELETE')).status,
      ).toBeLessThan(500);
    expect((await raw('/api/v1/session', { x: 'y'.repeat(20_000) })).status).toBe(431);
    expect((await raw('/api/v1/session', { cookie: `tributary_session=${'x'.repeat(10_000)}` })).status).toBe(
      200,
    );
  });

  it('sends no body that is large, deep or broken', async () => {
    const send = async (body: string) => {
      const answer = browser.send('POST', '/api/v1/dead-letters/discard', body);
      return answer.then(({ status }) => status).catch((error: Error) => error.message);
    };
    expect(await send(`{"code":"${'x'.repeat(2 << 20)}"}`)).toBe(413);
    expect([400, 413]).toContain(await send(`${'['.repeat(500_000)}${']'.repeat(500_000)}`));
    for (const broken of ['', '{', '{"code":"x","code2":"y"}', '[]', 'null', '{"__proto__":{"code":"x"}}'])
      expect(await send(broken)).toBe(400);
    const stranger = await server.client.send('POST', '/api/v1/session', `{"token":"${'x'.repeat(20_000)}"}`);
    expect(stranger.status).toBe(413);
    // Of nobody no body is read at all.
    const nobody = await server.client.send('POST', '/api/v1/dead-letters/discard', 'x'.repeat(900_000));
    expect(nobody.status).toBe(401);
  });

  it('cannot hold a connection with a request that never ends', async () => {
    const { headersTimeout, requestTimeout, maxConnections } = server.app.getHttpServer();
    expect([headersTimeout, requestTimeout, maxConnections]).toEqual([10_000, 20_000, 1_000]);
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      'POST /api/v1/session HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{',
    );
    socket.on('error', () => undefined).resume();
    // Node.js looks at its connections every 30 s.
    await once(socket, 'close');
  }, 90_000);

  it('opens no streams without end: ten of a user', async () => {
    const readers = await Promise.all(Array.from({ length: 10 }, () => EventReader.open(viewer)));
    await expect(EventReader.open(viewer)).rejects.toThrow('429');
    const other = await EventReader.open(browser);
    readers[0]!.close();
    await waitFor(async () => {
      const again = await EventReader.open(viewer).catch(() => undefined);
      again?.close();
      return again !== undefined;
    });
    for (const reader of [...readers, other]) reader.close();
  });

  it('who leaves while it is being recognised keeps no stream open', async () => {
    const hub = server.app.get(EventHub);
    await waitFor(() => hub.streams === 0);
    const { hostname, port } = new URL(server.url);
    const { authorization } = viewer.headers;
    for (let at = 0; at < 20; at += 1) {
      const socket = connect(Number(port), hostname).on('error', () => undefined);
      const asked = `GET /api/v1/events HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\n\r\n`;
      socket.write(asked, () => socket.resetAndDestroy());
    }
    await sleep(500);
    expect(hub.streams).toBe(0);
  });

  it('has no more than six questions worked on at once, and keeps nobody else from asking', async () => {
    const many = Array.from({ length: 40 }, () => viewer.problem('deadLetters'));
    const [other] = await Promise.all([browser.call('deadLetters'), ...many]);
    expect(other.status).toBe(200);
    const statuses = (await Promise.all(many)).map(([status]) => status);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
  });

  it('fills no audit topic with refused calls', async () => {
    const vandal = server.withToken(await makeToken(sealer, { name: 'vandal', role: 'viewer' }, 1));
    for (let at = 0; at < 30; at += 1)
      expect(await vandal.problem('startSnapshots', { body: {} })).toEqual([403, 'ROLE']);
    const { entries } = await viewer.done('audit', { query: { limit: 1_000 } });
    expect(entries.filter(({ who }) => who === 'vandal')).toHaveLength(10);
    const before = entries[4]!.id;
    const { entries: older } = await viewer.done('audit', { query: { limit: 3, before } });
    expect(older).toEqual(entries.slice(5, 8));
  });

  it('who does not read a stream is dropped, and nobody else', async () => {
    const hub = server.app.get(EventHub);
    await waitFor(() => hub.streams === 0);
    const reader = await EventReader.open(browser);
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname).on('error', () => undefined);
    const { authorization } = viewer.headers;
    socket.write(`GET /api/v1/events HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\n\r\n`);
    await waitFor(() => hub.streams === 2);
    const entry = {
      id: '1',
      at: '',
      who: 'x',
      role: 'x',
      from: 'x',
      action: 'x',
      input: {},
      reason: null,
    } as const;
    const large = { ...entry, outcome: 'done', detail: 'x'.repeat(100_000) };
    // The system's own buffers take some megabytes first.
    await waitFor(
      () => {
        for (let times = 0; times < 5; times += 1) hub.publish('audit', large);
        return hub.streams === 1;
      },
      { timeoutMs: 30_000 },
    );
    expect(reader.ended).toBe(false);
    reader.close();
    socket.destroy();
  });

  it('guesses no password: after ten tries of a name nobody comes in by it, also with the right one', async () => {
    const guess = (name: string, password: string) =>
      server.client.problem('login', { body: { name, password } });
    const many = await Promise.all(Array.from({ length: 15 }, (_, at) => guess('olga', `guess ${at}`)));
    expect(many.filter(([status]) => status === 401).length).toBeLessThanOrEqual(10);
    expect(await guess('olga', 'right')).toEqual([429, 'TOO_MANY_LOGINS']);
    expect(await guess('somebody else', 'x')).toEqual([401, 'LOGIN']);
    // Sessions that are open go on.
    expect((await browser.done('session')).user?.name).toBe('olga');
    for (let at = 0; at < 50; at += 1) await guess(`name ${at}`, 'x');
    expect(await guess('yet another', 'x')).toEqual([429, 'TOO_MANY_LOGINS']);
  });

  it('finds headers that keep a browser safe on every answer', async () => {
    for (const path of ['/', '/api/docs', '/api/v1/session', '/api/v1/none', '/assets/app-1a2b3c.js']) {
      const { headers } = await raw(path);
      expect(headers['content-security-policy']).toMatch(
        /default-src 'none'.*script-src 'self';.*frame-ancestors 'none'/,
      );
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['x-powered-by']).toBeUndefined();
    }
    expect((await raw('/assets/app-1a2b3c.js')).headers['cache-control']).toContain('immutable');
    expect((await raw('/tables/a.b')).body).toContain('the page');
    expect((await raw('/')).headers['cache-control']).toBe('no-cache');
  });
});
