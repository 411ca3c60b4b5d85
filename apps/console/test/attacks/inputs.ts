import type { AttackedConsole } from './attacked-console';

/** Addresses, headers and bodies that nobody means well with. */
export function inputs(attack: AttackedConsole): void {
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
    const { status, body } = await attack.raw(path);
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
    const { headers: of } = attack.viewer;
    const { status, headers } = await attack.raw(path, of);
    expect([200, 400, 404]).toContain(status);
    expect(headers['set-cookie']).toBeUndefined();
    expect(({} as Record<string, unknown>)['1']).toBeUndefined();
  });

  it('names no host that people are sent to by mistake, and no header that is too long', async () => {
    for (const host of ['evil.example/x', 'a@b', 'x y', '"'])
      expect(
        (await attack.raw('/api/v1/session', { host, 'content-type': 'application/json' }, 'DELETE')).status,
      ).toBeLessThan(500);
    expect((await attack.raw('/api/v1/session', { x: 'y'.repeat(20_000) })).status).toBe(431);
    expect(
      (await attack.raw('/api/v1/session', { cookie: `tributary_session=${'x'.repeat(10_000)}` })).status,
    ).toBe(200);
  });

  it('sends no body that is large, deep or broken', async () => {
    const send = async (body: string) => {
      const answer = attack.browser.send('POST', '/api/v1/dead-letters/discard', body);
      return answer.then(({ status }) => status).catch((error: Error) => error.message);
    };
    expect(await send(`{"code":"${'x'.repeat(2 << 20)}"}`)).toBe(413);
    expect([400, 413]).toContain(await send(`${'['.repeat(500_000)}${']'.repeat(500_000)}`));
    for (const broken of ['', '{', '{"code":"x","code2":"y"}', '[]', 'null', '{"__proto__":{"code":"x"}}'])
      expect(await send(broken)).toBe(400);
    const stranger = await attack.server.client.send(
      'POST',
      '/api/v1/session',
      `{"token":"${'x'.repeat(20_000)}"}`,
    );
    expect(stranger.status).toBe(413);
    // Of nobody no body is read at all.
    const nobody = await attack.server.client.send(
      'POST',
      '/api/v1/dead-letters/discard',
      'x'.repeat(900_000),
    );
    expect(nobody.status).toBe(401);
  });

  it('finds headers that keep a browser safe on every answer', async () => {
    for (const path of ['/', '/api/docs', '/api/v1/session', '/api/v1/none', '/assets/app-1a2b3c.js']) {
      const { headers } = await attack.raw(path);
      expect(headers['content-security-policy']).toMatch(
        /default-src 'none'.*script-src 'self';.*frame-ancestors 'none'/,
      );
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['x-powered-by']).toBeUndefined();
    }
    expect((await attack.raw('/assets/app-1a2b3c.js')).headers['cache-control']).toContain('immutable');
    expect((await attack.raw('/tables/a.b')).body).toContain('the page');
    expect((await attack.raw('/')).headers['cache-control']).toBe('no-cache');
  });
}
