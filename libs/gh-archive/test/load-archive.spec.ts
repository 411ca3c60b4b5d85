import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openMysql, type Connection } from '@tributary/capture';
import { stackEnv } from '@tributary/testing';
import { ArchiveLoader, openApplication, RowCollector, type ArchiveLoad } from '../src';

const environment = stackEnv();
const payloads = JSON.parse(
  readFileSync(createRequire(__filename).resolve('@octokit/webhooks-examples'), 'utf8'),
) as { name: string; examples: Record<string, unknown>[] }[];

/** Real payloads as an hour of GH Archive has them: one event a line, with actor, repo and payload. */
function archiveLines(from: number, copies: number): string[] {
  const lines: string[] = [];
  for (let copy = 0; copy < copies; copy += 1) {
    const id = from + copy;
    const actor = {
      id,
      login: `actor-${id}`,
      url: `https://api.github.com/users/actor-${id}`,
      avatar_url: 'https://a/?',
    };
    const repo = { id, name: `actor-${id}/🦑-${id}`, url: `https://api.github.com/repos/actor-${id}/x` };
    const { name, examples } = payloads[copy % payloads.length]!;
    lines.push(JSON.stringify({ id: String(id), type: name, actor, repo, payload: examples[0] }));
    // The same user and repository again, later and changed.
    if (copy % 3 === 0)
      lines.push(
        JSON.stringify({
          actor: { ...actor, login: `renamed-${id}` },
          repo: { ...repo, full_name: `x/new-${id}` },
        }),
      );
  }
  return lines;
}

describe.each([
  ['MySQL', 'APP_MYSQL_URL', 'ADMIN_MYSQL_URL', 9_100_000_000],
  ['MariaDB', 'APP_MARIADB_URL', 'ADMIN_MARIADB_URL', 9_200_000_000],
] as const)('loading an hour of GH Archive into %s', (_, url, adminUrl, ids) => {
  const folder = mkdtempSync(join(tmpdir(), 'load-archive-'));
  const path = join(folder, 'hour.json.gz');
  const lines = archiveLines(ids, 500);
  let admin: Connection;
  let application: Connection;
  /** What the payloads of the examples name; other tests may use these rows. */
  const expected = (() => {
    const collector = new RowCollector((__, id) => Number(id) >= ids && Number(id) < ids + 1_000_000);
    for (const line of lines) collector.addAllIn(JSON.parse(line));
    return collector.take();
  })();

  const load = async (warn: (message: string) => void = () => undefined): Promise<ArchiveLoad> =>
    new ArchiveLoader(application, path, { warn, progress: () => undefined }).run();
  const held = async () => {
    const [users] = await admin.query(
      'SELECT user_id, login FROM github_data.users WHERE user_id BETWEEN ? AND ? ORDER BY user_id',
      [ids, ids + 999_999],
    );
    return (users as { user_id: string; login: string }[]).map(({ login }) => login);
  };
  const logins = expected.users
    .toSorted((a, b) => Number(a.user_id) - Number(b.user_id))
    .map(({ login }) => login);

  beforeAll(async () => {
    writeFileSync(path, gzipSync(`${lines.join('\n')}\n`));
    admin = await openMysql(environment[adminUrl]!);
    for (const statement of readFileSync(join(__dirname, '../../../sql/github_data.sql'), 'utf8').split(
      /;\n/,
    ))
      if (statement.trim()) await admin.query(statement);
    application = await openApplication(environment[url]!);
  });
  afterAll(async () => {
    for (const [table, key] of [
      ['users', 'user_id'],
      ['repositories', 'repo_id'],
    ])
      await admin.query(`DELETE FROM github_data.${table} WHERE ${key} BETWEEN ? AND ?`, [
        ids,
        ids + 999_999,
      ]);
    admin.destroy();
    application.destroy();
    rmSync(folder, { recursive: true });
  });

  it('writes every user and repository with its last state, and finds them when it looks again', async () => {
    const { different, reinserted, before, after, brokenLines, lines: read } = await load();
    expect([different, reinserted, brokenLines, read]).toEqual([[], 0, 0, lines.length]);
    expect(after.users - before.users).toBeGreaterThanOrEqual(500);
    expect(await held()).toEqual(logins);
    expect(logins[0]).toBe(`renamed-${ids}`);
  });

  it('is harmless when it runs again, and goes on after whatever interrupted it', async () => {
    await admin.query('DELETE FROM github_data.users WHERE user_id BETWEEN ? AND ?', [
      ids + 200,
      ids + 999_999,
    ]);
    await admin.query(`UPDATE github_data.users SET login = 'half-way' WHERE user_id = ?`, [ids + 5]);
    expect((await load()).different).toEqual([]);
    expect(await held()).toEqual(logins);
  });

  it('finds what was lost or changed while it was writing, and writes it again', async () => {
    let spoiled = false;
    const loader = new ArchiveLoader(application, path, {
      warn: () => undefined,
      progress: (part) => {
        if (part !== 'check' || spoiled) return;
        spoiled = true;
        // Sent before the first query of the check, on the same connection.
        void application.query('DELETE FROM github_data.repositories WHERE repo_id = ?', [ids + 7]);
        void application.query(`UPDATE github_data.users SET login = 'other' WHERE user_id = ?`, [ids + 8]);
      },
    });
    const { reinserted, different } = await loader.run();
    expect([reinserted, different]).toEqual([2, []]);
    expect(await held()).toEqual(logins);
  });

  it('leaves broken lines out, names and counts them', async () => {
    const some = [lines[0]!, '{"actor": {"id": 1,', lines[1]!, 'null', ...lines.slice(2, 10)];
    writeFileSync(path, gzipSync(some.join('\n')));
    const warnings: string[] = [];
    const { brokenLines, brokenAt, lines: read } = await load((message) => warnings.push(message));
    expect([brokenLines, brokenAt, read]).toEqual([2, [2, 4], 12]);
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toContain(`${path}, line 2 is left out`);
  });
});
