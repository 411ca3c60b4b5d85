import { readConsoleSettings } from './console-settings';
import { interfaceOf } from './interface';

const provider = {
  OIDC_ISSUER: 'https://login.example.org',
  OIDC_CLIENT_ID: 'tributary',
  OIDC_CLIENT_SECRET: 'hunter2',
};

describe('settings of the console', () => {
  it('without users and provider it has a token of its own, anew at each start, and loopback alone', () => {
    const [one, other] = [readConsoleSettings({}), readConsoleSettings({})];
    expect(one.printedToken).toMatch(/^[\w-]{43}$/);
    expect(one.printedToken).not.toBe(other.printedToken);
    expect(one.secret).not.toBe(other.secret);
    expect([undefined, '', '127.0.0.1', 'localhost'].map((host) => interfaceOf(one, host))).toEqual(
      Array(4).fill('127.0.0.1'),
    );
    for (const host of ['0.0.0.0', '::', '10.0.0.1', 'example.org', '127.0.0.1.example.org'])
      expect(() => interfaceOf(one, host)).toThrow(expect.objectContaining({ code: 'ENV' }));
  });

  it.each([{ CONSOLE_USERS_FILE: '/etc/users.yaml' }, provider])(
    'with %p it has none, and any interface',
    (said) => {
      const settings = readConsoleSettings(said);
      expect(settings.printedToken).toBeUndefined();
      expect([interfaceOf(settings, undefined), interfaceOf(settings, '10.0.0.1')]).toEqual([
        '0.0.0.0',
        '10.0.0.1',
      ]);
    },
  );

  it('R14: names every wrong variable at once, and no value', () => {
    const read = () =>
      readConsoleSettings({
        CONSOLE_SECRET: 'hunter2',
        CONSOLE_URL: 'ftp://hunter2',
        CONSOLE_PROXIES: 'all',
      });
    expect(read).toThrow(/CONSOLE_SECRET[^]*CONSOLE_URL[^]*CONSOLE_PROXIES/);
    expect(read).not.toThrow(/hunter2/);
    const half = () => readConsoleSettings({ ...provider, OIDC_CLIENT_ID: undefined });
    expect(half).toThrow(/OIDC_CLIENT_ID is missing/);
  });
});
