import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { hashPassword } from '@tributary/console-access';
import { startProvider, throughProvider } from './support/oidc-login';
import { TestConsole, TestFiles } from './support/test-console';

jest.setTimeout(60_000);

const START = '/api/v1/session/oidc';

/** The provider has to know where it sends people back to before the console is there. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('logging in at an OpenID provider', () => {
  const files = new TestFiles();
  let provider: Awaited<ReturnType<typeof startProvider>>;
  let server: TestConsole;
  let callback: string;
  beforeAll(async () => {
    const port = await freePort();
    callback = `http://127.0.0.1:${port}${START}/callback`;
    provider = await startProvider(callback);
    // Somebody else of the same name, who may do more.
    const users = `bob: { role: operator, hash: "${await hashPassword('x')}" }`;
    const variables = {
      CONSOLE_USERS_FILE: files.write('users.yaml', users),
      ...{ OIDC_ISSUER: provider.issuer, OIDC_CLIENT_ID: 'tributary' },
      ...{ OIDC_CLIENT_SECRET: 'the secret of the client', OIDC_OPERATOR_GROUP: 'operators' },
    };
    server = await TestConsole.start(files, { variables, port });
  });
  afterAll(async () => {
    await server.stop();
    provider.stop();
    await files.remove();
  });

  /** A browser that has been at the provider, and where it is sent back to. */
  async function begun(account: string) {
    const browser = server.client;
    const response = await browser.send('GET', START);
    expect(response.headers.getSetCookie()[0]).toMatch(/; HttpOnly; SameSite=Lax$/);
    const back = new URL(await throughProvider(response.headers.get('location')!, account, callback));
    return { browser, back: `${back.pathname}${back.search}` };
  }

  it.each([
    ['ada@operators', { name: 'oidc:ada', role: 'operator' }],
    ['bob@guests', { name: 'oidc:bob', role: 'viewer' }],
    ['eve', { name: 'oidc:eve', role: 'viewer' }],
  ])('%s is %j', async (account, user) => {
    const { browser, back } = await begun(account);
    const response = await browser.send('GET', back);
    expect([response.status, response.headers.get('location')]).toEqual([303, '/']);
    const session = await browser.done('session');
    expect(session).toMatchObject({ user, methods: ['password', 'oidc'] });
    expect(session.csrf).toMatch(/^[\w-]{32}$/);
  });

  it('a session of the provider is none where the provider is not set any more', async () => {
    const { browser, back } = await begun('ada@operators');
    await browser.send('GET', back);
    const other = await TestConsole.start(files);
    const moved = other.client;
    moved.cookie = browser.cookie;
    expect((await browser.done('session')).user?.name).toBe('oidc:ada');
    expect((await moved.done('session')).user).toBeNull();
    await other.stop();
  });

  it('nobody comes in with an answer of another login, of another browser, or of nobody', async () => {
    const [one, other] = [await begun('ada@operators'), await begun('ada@operators')];
    for (const [client, path] of [
      [one.browser, other.back],
      [server.client, one.back],
      [one.browser, `${START}/callback?code=x&state=y`],
      [one.browser, `${START}/callback?error=access_denied`],
      [server.client, `${START}/callback`],
    ] as const) {
      const response = await client.send('GET', path);
      expect([response.status, response.headers.get('location')]).toEqual([303, '/#login-error=LOGIN']);
      expect(response.headers.getSetCookie().join()).not.toContain('tributary_session');
    }
  });

  it('says that the provider is away, and asks it again at the next login', async () => {
    const variables = { OIDC_ISSUER: 'http://127.0.0.1:9', OIDC_CLIENT_ID: 'x', OIDC_CLIENT_SECRET: 'x' };
    const alone = await TestConsole.start(files, { variables });
    const response = await alone.client.send('GET', START);
    expect([response.status, ((await response.json()) as { type: string }).type]).toEqual([
      503,
      'urn:tributary:problem:OIDC_AWAY',
    ]);
    await alone.stop();
  });
});
