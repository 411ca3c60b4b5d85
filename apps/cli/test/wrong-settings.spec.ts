import { stackEnv } from '@tributary/testing';
import { oneSentence, TestCli } from './test-cli';

const env = stackEnv();

describe('wrong settings', () => {
  const cli = new TestCli();
  beforeAll(() => cli.open(), 60_000);
  afterAll(() => cli.close());

  it('names the missing variable and how to get the addresses', async () => {
    const { code, err } = await cli.run(['capture', 'status'], {
      MYSQL_URL: undefined,
      SYNC_CONFIG: cli.syncFile,
    });
    expect(code).toBe(1);
    expect(err).toContain('MYSQL_URL is missing: set it to mysql://user:password@host:3306');
    expect(err).toContain('eval "$(npm run -s stack -- env)"');
  });

  it('R14: shows a typo in the sync file with line and column', async () => {
    const typo = cli.file('typo.yaml', `tables:\n  - table: a.b\n    colums: { exclude: [] }\n`);
    const { code, out, err } = await cli.run(['config', 'check', '--offline'], { SYNC_CONFIG: typo });
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(`${typo}:3:5: `);
    expect(err).toContain('unknown key "colums"');
  });

  it('R14: refuses a table without a key, and one that is not there', async () => {
    const faulty = cli.file(
      'faulty.yaml',
      `tables: [ { table: ${cli.database}.keyless }, { table: ${cli.database}.nowhere } ]`,
    );
    const { code, err } = await cli.run(['config', 'check'], { SYNC_CONFIG: faulty });
    expect(code).toBe(1);
    expect(err).toContain(`${cli.database}.keyless`);
    expect(err).toContain(`${cli.database}.nowhere of the sync file does not exist`);
  });

  it.each([
    ['--rate', '5'],
    ['--via', 'direct'],
    ['--master', 'local'],
  ])('refuses %s without the engine that it is for', async (...option) => {
    const { code, err } = await cli.run(['snapshot', 'start', ...option], { SYNC_CONFIG: cli.syncFile });
    expect([code, err]).toEqual([1, expect.stringMatching(oneSentence)]);
    expect(err).toContain('for --engine spark');
  });

  it('refuses a key pattern that names what is no key column', async () => {
    const file = cli.file(
      'pattern.yaml',
      `tables: [ { table: ${cli.database}.users, redis: { key: "u:{name}" } } ]`,
    );
    const { code, err } = await cli.run(['config', 'check'], { SYNC_CONFIG: file });
    expect(code).toBe(1);
    expect(err).toContain('{name}, which is no key column');
  });

  it('R15: names a table that its key pattern does not fit beside one that is fine, and exits 2', async () => {
    const file = cli.file(
      'pattern-beside.yaml',
      `tables: [ { table: ${cli.database}.users, redis: { key: "u:{name}" } }, { table: ${cli.database}.orders } ]`,
    );
    const { code, out, err } = await cli.run(['config', 'check'], { SYNC_CONFIG: file });
    expect(code).toBe(2);
    expect(err).toContain(`${cli.database}.users is suspended (REDIS_KEY): `);
    expect(out).toContain(`${cli.database}.orders`);
  });

  it('says in one sentence that the password is wrong, without showing it', async () => {
    const url = new URL(env.MYSQL_URL);
    url.password = 'hunter2';
    const { code, out, err } = await cli.run(['config', 'check'], {
      MYSQL_URL: String(url),
      SYNC_CONFIG: cli.syncFile,
    });
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(oneSentence);
    expect(err).toContain('refuses the account tributary_relay of MYSQL_URL');
    expect(err).not.toContain('hunter2');
  });

  it.each([
    ['MYSQL_URL', 'mysql://a:hunter2@127.0.0.1:1', ['config', 'check']],
    ['KAFKA_BROKERS', '127.0.0.1:1', ['dlq', 'list']],
    [
      'MONGODB_URI',
      'mongodb://a:hunter2@127.0.0.1:1/?serverSelectionTimeoutMS=500',
      ['verify', '--target', 'mongo'],
    ],
    ['REDIS_URL', 'redis://:hunter2@127.0.0.1:1', ['verify', '--target', 'redis']],
  ])(
    'says in one sentence that nothing answers at %s',
    async (variable, url, command) => {
      const { code, out, err } = await cli.run(command, { [variable]: url, SYNC_CONFIG: cli.syncFile });
      expect([code, out]).toEqual([1, '']);
      expect(err).toMatch(oneSentence);
      expect(err).toContain(variable === 'KAFKA_BROKERS' ? '127.0.0.1:1' : variable);
      expect(err).not.toContain('hunter2');
      expect(err).not.toContain('    at ');
    },
    30_000,
  );

  it('shows a stack trace with LOG_LEVEL=debug only', async () => {
    const variables = { MYSQL_URL: 'mysql://a:b@127.0.0.1:1', SYNC_CONFIG: cli.syncFile };
    expect((await cli.run(['config', 'check'], { ...variables, LOG_LEVEL: 'debug' })).err).toContain(
      '    at ',
    );
  });

  it('refuses a table that is not in the sync file, and lists those that are', async () => {
    for (const command of [['verify'], ['snapshot', 'start'], ['capture', 'status']]) {
      const { code, err } = await cli.run([...command, '--table', 'no.such'], { SYNC_CONFIG: cli.syncFile });
      expect(code).toBe(1);
      expect(err).toContain('no.such is no table of the sync file');
      expect(err).toContain(`${cli.database}.users`);
    }
  });

  it('says what to do where capture is not installed', async () => {
    const { code, err } = await cli.run(['snapshot', 'status'], { SYNC_CONFIG: cli.syncFile });
    expect(code).toBe(1);
    expect(err).toMatch(oneSentence);
    expect(err).toContain('run tributary capture install first');
  });
});
