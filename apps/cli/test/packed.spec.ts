import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMysql, type Connection } from '@tributary/capture';
import { DeadLetterWriter } from '@tributary/dead-letters';
import { Servers } from '@tributary/operations';
import { long, stackEnv, uniqueName } from '@tributary/testing';
import { ensureTopics } from '@tributary/topics';
import { root, type Ran } from './tributary';

jest.setTimeout(400_000);

const env = stackEnv();
const name = uniqueName('packed');
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const folder = mkdtempSync(join(tmpdir(), 'tributary-packed-'));
const npm = (...args: string[]) => execFileSync('npm', args, { cwd: root, encoding: 'utf8' }).trim();

/** As on a machine that has not seen the repository; where packages come from, and by what certificates, is this one's. */
const strange = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(
      ([variable]) => !/^(npm_(?!config_)|npm_config_(local|global)_prefix$|INIT_CWD$)/i.test(variable),
    ),
  ),
  ...{ HOME: join(folder, 'home'), npm_config_userconfig: npm('config', 'get', 'userconfig') },
  ...{ npm_config_cache: npm('config', 'get', 'cache'), npm_config_prefix: join(folder, 'home') },
  ...{ npm_config_update_notifier: 'false', SYNC_CONFIG: join(folder, 'sync.yaml'), LOG_LEVEL: 'info' },
};

(long ? describe : describe.skip)('the packed command line, away from the repository', () => {
  let admin: Connection;

  const npx = (...args: string[]) =>
    new Promise<Ran>((resolve) => {
      const tarball = `./${readdirSync(folder).find((file) => file.endsWith('.tgz'))}`;
      const options = { cwd: folder, env: strange, timeout: 300_000 };
      execFile('npx', ['--yes', tarball, ...args], options, (error, out, err) =>
        resolve({ code: error ? Number(error.code ?? 255) : 0, out, err }),
      );
    });

  beforeAll(async () => {
    mkdirSync(strange.HOME);
    execFileSync(process.execPath, ['tools/build/pack.mjs', folder], { cwd: root });
    writeFileSync(
      strange.SYNC_CONFIG,
      `topics: { prefix: ${name}, partitions: 1 }\ntables: [{ table: ${name}.t }]\n`,
    );
    admin = await openMysql(env.ADMIN_MYSQL_URL);
    await admin.query(`CREATE DATABASE ${name}`);
    await admin.query(`CREATE TABLE ${name}.t (id INT PRIMARY KEY)`);
  });

  afterAll(async () => {
    await admin?.query(`DROP DATABASE IF EXISTS ${name}`);
    admin?.destroy();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is installed and started by npx', async () => {
    const { code, out, err } = await npx('--version');
    expect([code, out, err]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/), expect.any(String)]);
    expect((await npx('completion', 'bash')).out).toContain('complete ');
    expect((await npx('verfy')).code).toBe(1);
  });

  it('looks at a source', async () => {
    const { code, out } = await npx('config', 'check', '--json');
    expect([code, JSON.parse(out)]).toEqual([0, expect.objectContaining({ suspended: [] })]);
    expect(JSON.parse(out).tables).toMatchObject([{ table: `${name}.t`, key: 'id' }]);
  });

  it('reads batches that LZ4 has packed, by its native part', async () => {
    const servers = new Servers({ kafka: true }, silent, {
      ...process.env,
      SYNC_CONFIG: strange.SYNC_CONFIG,
    });
    expect(servers.config.compression).toBe('lz4');
    await ensureTopics(servers.kafka, servers.config);
    const publisher = servers.kafka.publisher();
    await publisher.start();
    const { topics } = servers.config;
    await new DeadLetterWriter(publisher, topics.deadLetters, 'validator').send(
      Array.from({ length: 20 }, (_, id) => ({
        record: {
          ...{
            key: Buffer.from(`{"table":"${name}.t","key":{"id":${id}}}`),
            value: Buffer.alloc(2_000, 'x'),
          },
          ...{ headers: {}, offset: String(id), timestamp: '0' },
        },
        batch: { topic: topics.changes, partition: 0 },
        rejection: { code: 'MALFORMED_JSON', reason: 'no JSON' },
      })),
    );
    await publisher.stop();
    const { code, out, err } = await npx('dlq', 'list', '--json');
    expect([code, err]).toEqual([0, expect.any(String)]);
    expect(JSON.parse(out)).toMatchObject({ total: 20 });
    await servers.kafka.admin().deleteTopics(Object.values(topics));
    await servers.close();
  });
});
