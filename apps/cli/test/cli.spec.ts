import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMysql, type Connection } from '@tributary/capture';
import { passwordMatches, readToken, Sealer } from '@tributary/console-access';
import { stackEnv, uniqueName } from '@tributary/testing';
import { build, startTributary, tributary as run, untilEnd } from './tributary';

const env = stackEnv();
const folder = mkdtempSync(join(tmpdir(), 'tributary-cli-'));
const database = uniqueName('cli');

const syncFile = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const good = syncFile(
  'good.yaml',
  `topics: { prefix: ${database}, partitions: 1 }
capture: { schema: tributary_${database} }
tables:
  - table: ${database}.users
    columns: { exclude: [secret], rename: { name: login }, mask: { email: sha256 } }
    where: id > 0
  - table: ${database}.orders
    redis: { key: "o:{a}:{b}", as: json }
`,
);

let admin: Connection;
let bundles: string;

const tributary = (args: string[], variables?: Record<string, string | undefined>) =>
  run(bundles, args, variables);

beforeAll(async () => {
  bundles = build('cli');
  admin = await openMysql(env.ADMIN_MYSQL_URL);
  await admin.query(`CREATE DATABASE ${database}`);
  await admin.query(
    `CREATE TABLE ${database}.users (id INT PRIMARY KEY, name VARCHAR(9), email VARCHAR(9), secret INT)`,
  );
  await admin.query(`CREATE TABLE ${database}.orders (a INT, b INT, PRIMARY KEY (a, b))`);
  await admin.query(`CREATE TABLE ${database}.keyless (a INT)`);
}, 60_000);

afterAll(async () => {
  await admin?.query(`DROP DATABASE IF EXISTS ${database}`);
  await admin?.query(`DROP DATABASE IF EXISTS tributary_${database}`);
  admin?.destroy();
  for (const path of [folder, bundles]) rmSync(path, { recursive: true });
});

const oneSentence = /^tributary: [^\n]+[.)]\n$/;

describe('help', () => {
  const commands = [
    'config check',
    ...['install', 'status', 'plan', 'repair', 'uninstall'].map((name) => `capture ${name}`),
    ...['start', 'status', 'pause', 'resume', 'cancel'].map((name) => `snapshot ${name}`),
    ...['list', 'show', 'replay', 'discard'].map((name) => `dlq ${name}`),
    'init',
    'support-bundle',
    ...['token', 'hash-password'].map((name) => `console ${name}`),
    'verify',
    'status',
  ];

  it.each(commands)('%s --help shows an example and exits 0 without any server', async (command) => {
    const { code, out } = await tributary([...command.split(' '), '--help'], { MYSQL_URL: undefined });
    expect(code).toBe(0);
    expect(out).toContain(`Usage: tributary ${command}`);
    expect(out).toMatch(/Examples?:\n {2}.*tributary /);
  });

  it('a command loads what it needs: verify neither Nest nor TypeORM nor class-validator', () => {
    const text = (file: string) => readFileSync(join(bundles, 'cli', file), 'utf8');
    const texts = new Map<string, string>();
    const packages = new Set<string>();
    const load = (file: string) => {
      texts.set(file, text(file));
      for (const [, chunk, name] of text(file).matchAll(/^(?:import|.* from) "(?:\.\/(.+)|(.+))";$/gm))
        if (name) packages.add(name);
        else if (!texts.has(chunk!)) load(chunk!);
    };
    load(/import\("\.\/(verify-.+?)"\)/.exec(text('main.js'))![1]!);
    const loaded = [...packages];
    expect(loaded).toEqual(expect.arrayContaining(['kafkajs', 'mongoose', 'mysql2/promise']));
    for (const name of ['typeorm', 'class-validator']) expect(loaded).not.toContain(name);
    expect([...texts.values()].join('')).not.toContain('// node_modules/@nestjs/');
    // What an image installs.
    const { dependencies } = JSON.parse(text('package.json')) as { dependencies: Record<string, string> };
    const unnamed = loaded.filter((name) => !isBuiltin(name) && !(name.split('/')[0]! in dependencies));
    expect(unnamed).toEqual([]);
  });

  it('console: a hash and a token, without a server, a sync file or a word of the secret', async () => {
    const bare = { SYNC_CONFIG: join(folder, 'none.yaml'), MYSQL_URL: undefined };
    const secret = 'thirty-two characters and some more';
    const made = await tributary(['console', 'token', '--role', 'operator'], {
      ...bare,
      CONSOLE_SECRET: secret,
    });
    expect([made.code, made.err]).toEqual([0, '']);
    const sealer = new Sealer(secret);
    expect(await readToken(sealer, made.out.trim())).toEqual({ name: 'token', role: 'operator' });
    const none = await tributary(['console', 'token'], { ...bare, CONSOLE_SECRET: 'hunter2' });
    expect([none.code, none.out]).toEqual([1, '']);
    expect(none.err).toMatch(oneSentence);
    expect(none.err).not.toContain('hunter2');

    const child = startTributary(bundles, ['console', 'hash-password'], bare);
    child.stdin.end('correct horse\n');
    const { code, out } = await untilEnd(child);
    expect([code, await passwordMatches(out.trim(), 'correct horse')]).toEqual([0, true]);
  });

  it('suggests the command that was meant, and exits 1', async () => {
    for (const [typed, meant] of [
      [['verfy'], 'verify'],
      [['capture', 'instal'], 'install'],
    ] as const) {
      const { code, out, err } = await tributary([...typed]);
      expect([code, out]).toEqual([1, '']);
      expect(err).toContain(`Did you mean ${meant}?`);
    }
  });
});

describe('init', () => {
  it('prints what it wrote and what comes next, no password, and needs no sync file', async () => {
    const out = join(folder, 'project');
    const init = (...more: string[]) =>
      tributary(['init', '--tables', `${database}.*`, '--out', out, ...more], {
        ...{ MYSQL_URL: env.ADMIN_MYSQL_URL, SYNC_CONFIG: undefined },
      });
    const first = await init();
    expect(first.code).toBe(0);
    expect(first.out).toContain(`${join(out, 'sync.yaml')}: 2 tables, 1 more commented out`);
    expect(first.err).toContain(`${database}.keyless`);
    const [, password] = /:([^:@]+)@/.exec(readFileSync(join(out, '.env'), 'utf8'))!;
    expect(readFileSync(join(out, 'accounts.sql'), 'utf8')).toContain(password);
    expect(first.out + first.err).not.toContain(password);
    const second = await init();
    expect([second.code, second.out]).toEqual([1, '']);
    expect(second.err).toMatch(oneSentence);
    rmSync(out, { recursive: true });
    const { code, out: json } = await init('--json');
    expect([code, json]).toEqual([0, expect.not.stringContaining('-Aa1')]);
    expect(JSON.parse(json)).toMatchObject({ flavour: 'mysql', leftOut: [{ code: 'NO_KEY' }] });
  });
});

describe('wrong settings', () => {
  it('names the missing variable and how to get the addresses', async () => {
    const { code, err } = await tributary(['capture', 'status'], { MYSQL_URL: undefined, SYNC_CONFIG: good });
    expect(code).toBe(1);
    expect(err).toContain('MYSQL_URL is missing: set it to mysql://user:password@host:3306');
    expect(err).toContain('eval "$(npm run -s stack -- env)"');
  });

  it('R14: shows a typo in the sync file with line and column', async () => {
    const typo = syncFile('typo.yaml', `tables:\n  - table: a.b\n    colums: { exclude: [] }\n`);
    const { code, out, err } = await tributary(['config', 'check', '--offline'], { SYNC_CONFIG: typo });
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(`${typo}:3:5: `);
    expect(err).toContain('unknown key "colums"');
  });

  it('R14: refuses a table without a key, and one that is not there', async () => {
    const faulty = syncFile(
      'faulty.yaml',
      `tables: [ { table: ${database}.keyless }, { table: ${database}.nowhere } ]`,
    );
    const { code, err } = await tributary(['config', 'check'], { SYNC_CONFIG: faulty });
    expect(code).toBe(1);
    expect(err).toContain(`${database}.keyless`);
    expect(err).toContain(`${database}.nowhere of the sync file does not exist`);
  });

  it('refuses a key pattern that names what is no key column', async () => {
    const file = syncFile(
      'pattern.yaml',
      `tables: [ { table: ${database}.users, redis: { key: "u:{name}" } } ]`,
    );
    const { code, err } = await tributary(['config', 'check'], { SYNC_CONFIG: file });
    expect(code).toBe(1);
    expect(err).toContain('{name}, which is no key column');
  });

  it('R15: names a table that its key pattern does not fit beside one that is fine, and exits 2', async () => {
    const file = syncFile(
      'pattern-beside.yaml',
      `tables: [ { table: ${database}.users, redis: { key: "u:{name}" } }, { table: ${database}.orders } ]`,
    );
    const { code, out, err } = await tributary(['config', 'check'], { SYNC_CONFIG: file });
    expect(code).toBe(2);
    expect(err).toContain(`${database}.users is suspended (REDIS_KEY): `);
    expect(out).toContain(`${database}.orders`);
  });

  it('says in one sentence that the password is wrong, without showing it', async () => {
    const url = new URL(env.MYSQL_URL);
    url.password = 'hunter2';
    const { code, out, err } = await tributary(['config', 'check'], {
      MYSQL_URL: String(url),
      SYNC_CONFIG: good,
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
      const { code, out, err } = await tributary(command, { [variable]: url, SYNC_CONFIG: good });
      expect([code, out]).toEqual([1, '']);
      expect(err).toMatch(oneSentence);
      expect(err).toContain(variable === 'KAFKA_BROKERS' ? '127.0.0.1:1' : variable);
      expect(err).not.toContain('hunter2');
      expect(err).not.toContain('    at ');
    },
    30_000,
  );

  it('shows a stack trace with LOG_LEVEL=debug only', async () => {
    const variables = { MYSQL_URL: 'mysql://a:b@127.0.0.1:1', SYNC_CONFIG: good };
    expect((await tributary(['config', 'check'], { ...variables, LOG_LEVEL: 'debug' })).err).toContain(
      '    at ',
    );
  });

  it('refuses a table that is not in the sync file, and lists those that are', async () => {
    for (const command of [['verify'], ['snapshot', 'start'], ['capture', 'status']]) {
      const { code, err } = await tributary([...command, '--table', 'no.such'], { SYNC_CONFIG: good });
      expect(code).toBe(1);
      expect(err).toContain('no.such is no table of the sync file');
      expect(err).toContain(`${database}.users`);
    }
  });

  it('says what to do where capture is not installed', async () => {
    const { code, err } = await tributary(['snapshot', 'status'], { SYNC_CONFIG: good });
    expect(code).toBe(1);
    expect(err).toMatch(oneSentence);
    expect(err).toContain('run tributary capture install first');
  });
});

describe('output', () => {
  const escape = '\u001b';

  it('prints the plan one line a table, plain when piped', async () => {
    const { code, out } = await tributary(['config', 'check'], { SYNC_CONFIG: good });
    expect(code).toBe(0);
    const [head, orders, users, ...rest] = out.trimEnd().split('\n');
    expect(head).toMatch(/^table +key +columns +where +mongo +redis +dto$/);
    expect(orders).toContain('o:{a}:{b} (json)');
    expect(users).toContain('3 (without secret, name as login, email masked sha256)');
    expect(users).toContain('id > 0');
    expect(rest).toEqual([]);
    expect(out).not.toContain(escape);
  });

  it('prints JSON that parses', async () => {
    for (const command of [
      ['config', 'check'],
      ['config', 'check', '--offline'],
      ['dlq', 'list'],
      ['status'],
    ]) {
      const { out, err } = await tributary([...command, '--json'], { SYNC_CONFIG: good });
      expect(err).toBe('');
      expect(typeof JSON.parse(out)).toBe('object');
    }
  }, 20_000);

  it('capture plan: how each table is read, before capture is installed', async () => {
    const { code, out, err } = await tributary(['capture', 'plan', '--json'], { SYNC_CONFIG: good });
    expect([code, err]).toEqual([0, '']);
    const { tables } = JSON.parse(out) as { tables: Record<string, unknown>[] };
    expect(tables).toEqual([
      expect.objectContaining({ table: `${database}.orders`, key: ['a', 'b'], where: null, enough: true }),
      expect.objectContaining({
        table: `${database}.users`,
        select: `SELECT CAST(\`id\` AS CHAR) AS \`id\`, CONVERT(\`name\` USING utf8mb4) AS \`name\`, CONVERT(\`email\` USING utf8mb4) AS \`email\` FROM \`${database}\`.\`users\` AS \`users\` WHERE (id > 0\n)`,
        besides: [expect.objectContaining({ column: 'email', code: 'MASKED' })],
      }),
    ]);
    const plain = await tributary(['capture', 'plan', '--table', '*.users'], { SYNC_CONFIG: good });
    expect(plain.out).toMatch(/^table +key +columns +schema +where +besides the SELECT\n.*email MASKED\n/);
    expect(plain.out).not.toContain('orders');
    const none = await tributary(['capture', 'plan', '--table', 'no.such'], { SYNC_CONFIG: good });
    expect([none.code, none.out]).toEqual([1, '']);
  }, 60_000);

  it('capture: drift exits 2, installation is idempotent, uninstall leaves nothing', async () => {
    const capture = async (...args: string[]) => {
      const { code, out, err } = await tributary(['capture', ...args, '--json'], { SYNC_CONFIG: good });
      if (code === 1) throw new Error(err);
      return { code, result: JSON.parse(out) as never };
    };
    expect((await capture('status')).code).toBe(2);
    expect((await capture('install')).result['tables']).toEqual([
      { table: `${database}.orders`, action: 'created' },
      { table: `${database}.users`, action: 'created' },
    ]);
    expect((await capture('status')).code).toBe(0);
    await admin.query(`ALTER TABLE ${database}.users ADD COLUMN more INT`);
    const drift = await capture('status', '--table', '*.users');
    expect([drift.code, (drift.result as { state: string }[]).map(({ state }) => state)]).toEqual([
      2,
      ['stale'],
    ]);
    expect((await capture('repair')).result['tables']).toEqual([
      { table: `${database}.users`, action: 'replaced' },
    ]);
    expect((await capture('status')).code).toBe(0);
    expect((await capture('uninstall', '--all')).result['schemaDropped']).toBe(true);
    expect((await capture('status')).code).toBe(2);
  }, 60_000);

  it('status names what does not answer and tells the rest', async () => {
    const started = performance.now();
    const { code, out } = await tributary(['status'], { KAFKA_BROKERS: '127.0.0.1:1', SYNC_CONFIG: good });
    expect(code).toBe(0);
    expect(out).toContain(`${database}.users`);
    expect(out).toMatch(/kafka at 127\.0\.0\.1:1: no answer/);
    expect(performance.now() - started).toBeLessThan(8_000);
  });
});
