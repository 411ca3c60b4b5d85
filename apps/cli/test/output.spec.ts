import { setTimeout as sleep } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { TestCli } from './test-cli';
import { startTributary } from './tributary';

describe('output', () => {
  const cli = new TestCli();
  beforeAll(() => cli.open(), 60_000);
  afterAll(() => cli.close());

  const escape = '\u001b';

  it('prints the plan one line a table, plain when piped', async () => {
    const { code, out } = await cli.runBuilt(['config', 'check'], { SYNC_CONFIG: cli.syncFile });
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
      const { out, err } = await cli.run([...command, '--json'], { SYNC_CONFIG: cli.syncFile });
      expect(err).toBe('');
      expect(typeof JSON.parse(out)).toBe('object');
    }
  }, 20_000);

  it('gives a slow reader of a pipe all of it', async () => {
    const condition = `id IN (${Array.from({ length: 60_000 }, (_, id) => id).join(', ')})`;
    const file = cli.file('long.yaml', `tables:\n  - table: a.b\n    where: "${condition}"\n`);
    const child = startTributary(cli.bundles, ['config', 'check', '--offline', '--json'], {
      SYNC_CONFIG: file,
    });
    // Until the pipe is full, and the command has nothing else left to do.
    await sleep(2_000);
    expect(JSON.stringify(JSON.parse(await text(child.stdout)))).toContain(condition);
  }, 20_000);

  it('capture plan: how each table is read, before capture is installed', async () => {
    const { code, out, err } = await cli.run(['capture', 'plan', '--json'], { SYNC_CONFIG: cli.syncFile });
    expect([code, err]).toEqual([0, '']);
    const { tables } = JSON.parse(out) as { tables: Record<string, unknown>[] };
    expect(tables).toEqual([
      expect.objectContaining({
        table: `${cli.database}.orders`,
        key: ['a', 'b'],
        where: null,
        enough: true,
      }),
      expect.objectContaining({
        table: `${cli.database}.users`,
        select: `SELECT CAST(\`id\` AS CHAR) AS \`id\`, CONVERT(\`name\` USING utf8mb4) AS \`name\`, CONVERT(\`email\` USING utf8mb4) AS \`email\` FROM \`${cli.database}\`.\`users\` AS \`users\` WHERE (id > 0\n)`,
        besides: [expect.objectContaining({ column: 'email', code: 'MASKED' })],
      }),
    ]);
    const plain = await cli.run(['capture', 'plan', '--table', '*.users'], { SYNC_CONFIG: cli.syncFile });
    expect(plain.out).toMatch(/^table +key +columns +schema +where +besides the SELECT\n.*email MASKED\n/);
    expect(plain.out).not.toContain('orders');
    const none = await cli.run(['capture', 'plan', '--table', 'no.such'], { SYNC_CONFIG: cli.syncFile });
    expect([none.code, none.out]).toEqual([1, '']);
  }, 60_000);

  it('capture: drift exits 2, installation is idempotent, uninstall leaves nothing', async () => {
    const capture = async (...args: string[]) => {
      const { code, out, err } = await cli.run(['capture', ...args, '--json'], { SYNC_CONFIG: cli.syncFile });
      if (code === 1) throw new Error(err);
      return { code, result: JSON.parse(out) as never };
    };
    expect((await capture('status')).code).toBe(2);
    expect((await capture('install')).result['tables']).toEqual([
      { table: `${cli.database}.orders`, action: 'created' },
      { table: `${cli.database}.users`, action: 'created' },
    ]);
    expect((await capture('status')).code).toBe(0);
    await cli.admin.query(`ALTER TABLE ${cli.database}.users ADD COLUMN more INT`);
    const drift = await capture('status', '--table', '*.users');
    expect([drift.code, (drift.result as { state: string }[]).map(({ state }) => state)]).toEqual([
      2,
      ['stale'],
    ]);
    expect((await capture('repair')).result['tables']).toEqual([
      { table: `${cli.database}.users`, action: 'replaced' },
    ]);
    expect((await capture('status')).code).toBe(0);
    expect((await capture('uninstall', '--all')).result['schemaDropped']).toBe(true);
    expect((await capture('status')).code).toBe(2);
  }, 60_000);

  it('status names what does not answer and tells the rest', async () => {
    const started = performance.now();
    const { code, out } = await cli.runBuilt(['status'], {
      KAFKA_BROKERS: '127.0.0.1:1',
      SYNC_CONFIG: cli.syncFile,
    });
    expect(code).toBe(0);
    expect(out).toContain(`${cli.database}.users`);
    expect(out).toMatch(/kafka at 127\.0\.0\.1:1: (no answer|.*ECONNREFUSED)/);
    // Five seconds for what answers, and the start of a process; the client alone would ask for minutes.
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
