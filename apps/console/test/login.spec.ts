import { setTimeout as sleep } from 'node:timers/promises';
import { hashPassword, makeToken, Sealer } from '@tributary/console-access';
import { secret, TestConsole, TestFiles } from './support/test-console';

jest.setTimeout(60_000);

describe('logging in', () => {
  const files = new TestFiles();
  afterAll(() => files.remove());

  describe('by the printed token', () => {
    let server: TestConsole;
    beforeAll(async () => (server = await TestConsole.start(files)));
    afterAll(() => server.stop());

    it('answers nobody else', async () => {
      expect((await server.client.done('session')).user).toBeNull();
      expect(await server.client.problem('overview')).toEqual([401, 'LOGIN']);
      expect(await server.withToken('x'.repeat(43)).problem('overview')).toEqual([401, 'LOGIN']);
      expect(await server.client.problem('login', { body: { token: 'x' } })).toEqual([401, 'LOGIN']);
      expect(await server.client.problem('login', { body: { name: 'ada', password: 'x' } })).toEqual([
        401,
        'LOGIN',
      ]);
    });

    it('is an operator, as a program and with a session', async () => {
      const user = { name: 'local', role: 'operator' };
      expect(await server.withToken().done('session')).toMatchObject({
        user,
        csrf: null,
        methods: ['token'],
      });
      const browser = await server.client.login({ token: server.printedToken! });
      expect(await browser.done('session')).toMatchObject({ user, csrf: browser.csrf });
      expect((await browser.done('overview')).stages.map(({ stage }) => stage)).toEqual([
        'trigger-relay',
        'validator',
        'mongo-sink',
        'redis-sink',
      ]);
    });

    it('keeps the session in a cookie that no script and no other site sees', async () => {
      const response = await server.client.send('POST', '/api/v1/session', { token: server.printedToken });
      const [cookie] = response.headers.getSetCookie();
      expect(cookie).toMatch(/^tributary_session=Fe26\.2\*/);
      expect(cookie?.split('; ').slice(1).sort()).toEqual([
        'HttpOnly',
        'Max-Age=43200',
        'Path=/',
        'SameSite=Strict',
      ]);
    });

    it('ends its sessions with the process that has printed it, also where the secret stays', async () => {
      const browser = await server.client.login({ token: server.printedToken! });
      const next = await TestConsole.start(files);
      const moved = next.client;
      moved.cookie = browser.cookie;
      expect((await browser.done('session')).user?.name).toBe('local');
      expect((await moved.done('session')).user).toBeNull();
      await next.stop();
    });

    it('a token that was made is for its role, and no longer than its days', async () => {
      const sealer = new Sealer(secret);
      const viewer = server.withToken(await makeToken(sealer, { name: 'ci', role: 'viewer' }, 30));
      expect((await viewer.done('session')).user).toEqual({ name: 'ci', role: 'viewer' });
      const old = await makeToken(sealer, { name: 'ci', role: 'viewer' }, 1 / 86_400_000);
      await sleep(10);
      expect(await server.withToken(old).problem('overview')).toEqual([401, 'LOGIN']);
      const foreign = await makeToken(new Sealer(`${secret}x`), { name: 'ci', role: 'operator' }, 30);
      expect(await server.withToken(foreign).problem('overview')).toEqual([401, 'LOGIN']);
    });
  });

  describe('by name and password', () => {
    let server: TestConsole;
    const users = async (role: 'viewer' | 'operator', password: string) =>
      files.write('users.yaml', `ada: { role: ${role}, hash: "${await hashPassword(password)}" }`);
    beforeAll(async () => {
      const variables = {
        CONSOLE_USERS_FILE: await users('viewer', 'first'),
        CONSOLE_URL: 'https://console.example.org',
      };
      server = await TestConsole.start(files, { variables });
    });
    afterAll(() => server.stop());

    it('has no printed token', async () => {
      expect(server.printedToken).toBeUndefined();
      expect((await server.client.done('session')).methods).toEqual(['password']);
      expect(await server.client.problem('login', { body: { token: 'undefined' } })).toEqual([401, 'LOGIN']);
    });

    it('takes the right one, by https alone where the console is reached by that', async () => {
      const response = await server.client.send('POST', '/api/v1/session', {
        name: 'ada',
        password: 'first',
      });
      expect(response.status).toBe(200);
      expect(response.headers.getSetCookie()[0]).toContain('; Secure');
      expect(response.headers.get('strict-transport-security')).toContain('max-age');
    });

    it('a role that changes in the file is another at once, and a password that changes ends the sessions', async () => {
      const ada = await server.client.login({ name: 'ada', password: 'first' });
      const body = { table: `${files.name}.t` };
      expect(await ada.problem('startSnapshots', { body })).toEqual([403, 'ROLE']);
      files.write('users.yaml', 'other: { role: viewer, hash: $argon2id$x }');
      await sleep(1_050);
      expect((await ada.done('session')).user).toBeNull();
      await users('operator', 'second');
      await sleep(1_050);
      expect((await ada.done('session')).user).toBeNull();
      await ada.login({ name: 'ada', password: 'second' });
      expect((await ada.done('session')).user).toEqual({ name: 'ada', role: 'operator' });
    });

    it('logs out', async () => {
      const ada = await server.client.login({ name: 'ada', password: 'second' });
      expect((await ada.done('logout')).user).toBeNull();
      expect((await ada.done('session')).user).toBeNull();
    });
  });
});
