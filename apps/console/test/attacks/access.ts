import { Sealer } from '@tributary/console-access';
import { endpoints, type Endpoint, type Operation } from '@tributary/console-api';
import { secret } from '../support/test-console';
import type { AttackedConsole } from './attacked-console';

/** Values that fit the form of every parameter. */
const params = { table: 'a.b', id: '1' } as never;
const changing = (Object.keys(endpoints) as Operation[]).filter((operation) => {
  const { method, role }: Endpoint = endpoints[operation];
  return method !== 'GET' && role === 'operator';
});

/** Getting in, or doing what one may not. */
export function access(attack: AttackedConsole): void {
  const { sealer } = attack;

  it('without a login gets nothing of any call but the way in', async () => {
    for (const [operation, endpoint] of Object.entries<Endpoint>(endpoints))
      if (endpoint.role !== 'anyone')
        expect([
          operation,
          ...(await attack.server.client.problem(operation as Operation, { params })),
        ]).toEqual([...[operation, 401, 'LOGIN']]);
    expect((await attack.server.client.send('GET', '/api/v1/events')).status).toBe(401);
  });

  it('who is a viewer changes nothing', async () => {
    expect(changing.length).toBeGreaterThan(10);
    for (const operation of changing)
      expect(await attack.viewer.problem(operation, { params })).toEqual([403, 'ROLE']);
  });

  it('on another site cannot use a session: the CSRF token is missing, wrong, or of another session', async () => {
    const right = attack.browser.csrf;
    const other = (await attack.server.client.login({ name: 'olga', password: 'right' })).csrf;
    for (const csrf of [undefined, 'x', other, `${right} `.repeat(2)]) {
      attack.browser.csrf = csrf;
      for (const operation of changing)
        expect(await attack.browser.problem(operation, { params })).toEqual([403, 'CSRF']);
      expect(await attack.browser.problem('logout')).toEqual([403, 'CSRF']);
    }
    attack.browser.csrf = right;
    const form = await attack.browser.send('POST', '/api/v1/dead-letters/discard', 'code=X', {
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(form.status).toBe(415);
    const preflight = await attack.raw(
      '/api/v1/overview',
      { origin: 'https://evil.example', host: 'x' },
      'OPTIONS',
    );
    expect([preflight.status, preflight.headers['access-control-allow-origin']]).toEqual([405, undefined]);
  });

  it('forges no session and no token', async () => {
    const sealed = attack.browser.cookie!.replace('tributary_session=', '');
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
      const client = attack.server.client;
      client.cookie = `tributary_session=${cookie}`;
      expect((await client.done('session')).user).toBeNull();
      expect(await attack.server.withToken(cookie || 'x').problem('overview')).toEqual([401, 'LOGIN']);
    }
    // A wrong token is not mended by a right cookie.
    const both = await attack.browser.send('GET', '/api/v1/overview', undefined, {
      authorization: 'Bearer x',
    });
    expect(both.status).toBe(401);
  });

  it('guesses no password: after ten tries of a name nobody comes in by it, also with the right one', async () => {
    const guess = (name: string, password: string) =>
      attack.server.client.problem('login', { body: { name, password } });
    const many = await Promise.all(Array.from({ length: 15 }, (_, at) => guess('olga', `guess ${at}`)));
    expect(many.filter(([status]) => status === 401).length).toBeLessThanOrEqual(10);
    expect(await guess('olga', 'right')).toEqual([429, 'TOO_MANY_LOGINS']);
    expect(await guess('somebody else', 'x')).toEqual([401, 'LOGIN']);
    // Sessions that are open go on.
    expect((await attack.browser.done('session')).user?.name).toBe('olga');
    for (let at = 0; at < 50; at += 1) await guess(`name ${at}`, 'x');
    expect(await guess('yet another', 'x')).toEqual([429, 'TOO_MANY_LOGINS']);
  });
}
