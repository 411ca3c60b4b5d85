import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { openMysql, type Connection } from '@tributary/capture';
import type { BulkImportResult, VerificationResult } from '@tributary/operations';
import { oneOf, sparkRemote, stackEnv } from '@tributary/testing';
import { describeLong } from './support/flavours';
import { OwnMysql } from './support/own-mysql';
import { Pipeline } from './support/pipeline';
import { inherited } from './support/service-process';

jest.setTimeout(300_000);

const root = join(__dirname, '..');
const environment = stackEnv();
/** Ids that no other test has. */
const IDS = 9_300_000_000;
const USERS = 3_000;

const event = (id: number, login: string) =>
  JSON.stringify({
    actor: { id, login, url: `https://api.github.com/users/${login}`, avatar_url: 'https://a/?' },
    repo: { id, name: `${login}/🦑\t\\"x`, url: `https://api.github.com/repos/${login}/x` },
  });

async function loadFiles(env: NodeJS.ProcessEnv, args: readonly string[]) {
  const child = spawn(
    process.execPath,
    [join(root, 'dist/apps/cli/main.js'), 'load-file', '--engine', 'spark', '--json', ...args],
    { cwd: root, env: { ...inherited(), ...env } },
  );
  const texts = [child.stdout, child.stderr].map((stream) => text(stream));
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { status, stdout: await texts[0]!, stderr: await texts[1]! };
}

async function createSampleDatabase(connection: Connection): Promise<void> {
  for (const statement of readFileSync(join(root, 'sql/github_data.sql'), 'utf8').split(/;\n/))
    if (statement.trim()) await connection.query(statement);
}

describe('files of GH Archive by Spark', () => {
  const folder = mkdtempSync(join(tmpdir(), 'spark-import-'));
  const files = join(folder, '2024-*.json.gz');
  let admin: Connection;
  let remote: string;

  beforeAll(async () => {
    remote = await sparkRemote();
    admin = await openMysql(environment.ADMIN_MYSQL_URL);
    await createSampleDatabase(admin);
    const first = Array.from({ length: USERS }, (_, at) => event(IDS + at, `first-${at}`));
    // Half of them again, later and renamed, and some that the first file lacks.
    const second = Array.from({ length: USERS }, (_, at) => event(IDS + USERS / 2 + at, `second-${at}`));
    writeFileSync(
      join(folder, '2024-01.json.gz'),
      gzipSync([...first, '{"actor": {"id": 1,', 'null'].join('\n')),
    );
    writeFileSync(join(folder, '2024-02.json.gz'), gzipSync(second.join('\n')));
    writeFileSync(join(folder, 'other.json.gz'), 'no gzip at all');
  });
  afterAll(async () => {
    for (const [table, key] of [
      ['users', 'user_id'],
      ['repositories', 'repo_id'],
    ])
      await admin.query(`DELETE FROM github_data.${table} WHERE ${key} BETWEEN ${IDS} AND ${IDS + 999_999}`);
    admin.destroy();
    rmSync(folder, { recursive: true });
  });

  const load = (...args: string[]) =>
    loadFiles({ ...environment, MYSQL_URL: environment.APP_MYSQL_URL, SPARK_REMOTE: remote }, args);

  const logins = async (...ids: number[]) => {
    const [rows] = await admin.query(
      'SELECT login FROM github_data.users WHERE user_id IN (?) ORDER BY user_id',
      [ids],
    );
    return (rows as { login: string }[]).map(({ login }) => login);
  };

  it('brings each row once with what the last file knows, and proves that none is missing', async () => {
    // The second time it does no harm.
    for (let run = 0; run < 2; run += 1) {
      const { status, stdout, stderr } = await load('--file', files);
      expect([status, stderr.match(/tributary: .*/)?.[0]]).toEqual([0, undefined]);
      const found = JSON.parse(stdout) as BulkImportResult;
      expect(found).toMatchObject({
        ...{ lines: 2 * USERS + 2, brokenLines: 2, missing: 0, different: 0, reinserted: 0 },
        rows: { users: 1.5 * USERS, repositories: 1.5 * USERS },
      });
      expect(found.files.map(({ brokenAt }) => brokenAt)).toEqual([[USERS + 1, USERS + 2], []]);
      expect(found.after.users).toBeGreaterThanOrEqual(1.5 * USERS);
    }
    expect(await logins(IDS, IDS + USERS / 2, IDS + 1.5 * USERS - 1)).toEqual([
      'first-0',
      'second-0',
      `second-${USERS - 1}`,
    ]);
    const [[row]] = (await admin.query(
      `SELECT full_name AS name FROM github_data.repositories WHERE repo_id = ${IDS}`,
    )) as unknown as [{ name: string }[]];
    expect(row!.name).toBe('first-0/🦑\t\\"x');
  });

  it.each(
    oneOf<[what: string, file: string, sentence: RegExp]>(
      ['no gzip', join(folder, 'other.json.gz'), /other\.json\.gz cannot be read past line 0/],
      ['no such file', join(folder, 'none-*.gz'), /No file is there of the name/],
      ['a folder that is not there', join(folder, 'none/x.gz'), /cannot be read \(ENOENT\)/],
    ),
  )('refuses %s in one sentence', async (_what, file, sentence) => {
    const { status, stdout, stderr } = await load('--file', file);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr.trim().split('\n').at(-1)).toMatch(sentence);
    expect(stderr).not.toMatch(/at org\.|at java\./);
  });
});

describeLong('files of GH Archive by Spark, into MySQL, MongoDB and Redis at once', () => {
  const folder = mkdtempSync(join(tmpdir(), 'spark-import-all-'));
  let source: OwnMysql;
  let pipeline: Pipeline;

  beforeAll(async () => {
    source = await OwnMysql.start(join(folder, 'mysql'));
    const admin = await openMysql(source.url);
    await createSampleDatabase(admin);
    admin.destroy();
    pipeline = new Pipeline({
      tables: '  - table: "github_data.*"\n',
      servers: { ...environment, ADMIN_MYSQL_URL: source.url, MYSQL_URL: await source.relayUrl() },
      env: { APP_MYSQL_URL: source.url, SPARK_REMOTE: await sparkRemote() },
    });
    await pipeline.prepare([]);
    await pipeline.startAll();
    const lines = Array.from({ length: USERS }, (_, at) => event(IDS + at, `all-${at}`));
    writeFileSync(join(folder, 'all.json.gz'), gzipSync(lines.join('\n')));
  });
  afterAll(async () => {
    await pipeline?.mongo?.getClient().db('github_data').dropDatabase();
    const keys = (await pipeline?.redis.keys('github_data:*')) ?? [];
    if (keys.length > 0) await pipeline.redis.del(keys);
    await pipeline?.stop();
    await source?.remove();
    rmSync(folder, { recursive: true });
  });

  const load = async () => {
    const args = ['load-file', '--engine', 'spark', '--verify', '--file', join(folder, 'all.json.gz')];
    const { status, stdout, stderr } = await pipeline.cli(...args, '--json');
    if (status === 1) throw new Error(stderr);
    return {
      status,
      result: JSON.parse(stdout) as BulkImportResult & { verification: VerificationResult },
    };
  };

  it('--verify: waits for the targets, and proves that each holds every row', async () => {
    const { status, result } = await load();
    expect([status, result.missing, result.different]).toEqual([0, 0, 0]);
    const { reports } = result.verification;
    expect(reports.map(({ table, target, rows }) => [table, target, rows]).sort()).toEqual(
      ['repositories', 'users'].flatMap((table) =>
        ['mongo', 'redis'].map((target) => [`github_data.${table}`, target, USERS]),
      ),
    );
    expect(await pipeline.redis.hget(`github_data:users:${IDS}`, 'login')).toBe('all-0');
  });

  it('--verify: ends with 2 when a target lacks a row, and names it', async () => {
    await pipeline.redis.del(`github_data:users:${IDS + 5}`);
    const { status, result } = await load();
    expect([status, result.missing, result.different]).toEqual([2, 0, 0]);
    const damaged = result.verification.reports.filter(({ missing }) => missing > 0);
    expect(damaged).toMatchObject([{ table: 'github_data.users', target: 'redis', missing: 1 }]);
    expect(JSON.stringify(result.verification.examples)).toContain(String(IDS + 5));
  });
});
