import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stackEnv } from '@tributary/testing';
import { oneSentence, TestCli } from './test-cli';

const env = stackEnv();

describe('init', () => {
  const cli = new TestCli();
  beforeAll(() => cli.open(), 60_000);
  afterAll(() => cli.close());

  it('prints what it wrote and what comes next, no password, and needs no sync file', async () => {
    const out = join(cli.folder, 'project');
    const init = (...more: string[]) =>
      cli.run(['init', '--tables', `${cli.database}.*`, '--out', out, ...more], {
        ...{ MYSQL_URL: env.ADMIN_MYSQL_URL, SYNC_CONFIG: undefined },
      });
    const first = await init();
    expect(first.code).toBe(0);
    expect(first.out).toContain(`${join(out, 'sync.yaml')}: 2 tables, 1 more commented out`);
    expect(first.err).toContain(`${cli.database}.keyless`);
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
