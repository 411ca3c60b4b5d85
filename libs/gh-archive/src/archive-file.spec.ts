import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readArchive } from './archive-file';
import type { RowSet } from './rows';

const event = (at: number) => ({
  id: String(at),
  type: 'PushEvent',
  actor: {
    id: at,
    login: `user${at}`,
    display_login: `user${at}`,
    gravatar_id: '',
    url: `https://api.github.com/users/user${at}`,
    avatar_url: `https://avatars.githubusercontent.com/u/${at}?`,
  },
  repo: { id: 1_000 + at, name: `user${at}/🦑-${at}`, url: `https://api.github.com/repos/user${at}/x` },
  org: { id: 1, login: 'user1', url: 'https://api.github.com/orgs/user1' },
  payload: { push_id: 1, commits: [{ sha: 'f00', url: 'https://api.github.com/repos/user/x/commits/f00' }] },
});

describe('GH Archive reader', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gh-archive-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  function file(name: string, content: Buffer): string {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  }

  async function read(path: string, batchRows?: number) {
    const batches: RowSet[] = [];
    const warnings: string[] = [];
    const options = { warn: (message: string) => warnings.push(message), ...(batchRows && { batchRows }) };
    for await (const batch of readArchive(path, options)) batches.push(batch);
    return { batches, warnings };
  }

  const lines = (count: number) => Array.from({ length: count }, (_, at) => JSON.stringify(event(at + 1)));

  it('reads actors, organizations and repositories, each id once', async () => {
    const path = file('good.json.gz', gzipSync(`${lines(3).join('\n')}\n`));
    const { batches, warnings } = await read(path);
    expect(warnings).toEqual([]);
    expect(batches).toHaveLength(1);
    expect(batches[0]?.users.map((user) => user.login)).toEqual(['user1', 'user2', 'user3']);
    expect(batches[0]?.repositories[1]).toMatchObject({
      repo_id: '1002',
      full_name: 'user2/🦑-2',
      name: '🦑-2',
    });
  });

  it('hands rows over by the batch, so memory is bounded', async () => {
    const { batches } = await read(file('many.json.gz', gzipSync(lines(500).join('\n'))), 100);
    expect(batches.length).toBeGreaterThanOrEqual(9);
    for (const { users, repositories } of batches)
      expect(users.length + repositories.length).toBeLessThan(105);
  });

  it('leaves a broken line out with one warning that names it', async () => {
    const [first, second] = lines(2);
    const path = file('broken.json.gz', gzipSync([first, '{"id": "2", "actor": {', second, '[]'].join('\n')));
    const { batches, warnings } = await read(path);
    expect(batches[0]?.users).toHaveLength(2);
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toContain(`${path}, line 2 is left out: it is not JSON`);
    expect(warnings[1]).toContain('line 4');
  });

  it('tells how far it is in the file, in bytes', async () => {
    const content = gzipSync(lines(2_000).join('\n'));
    const path = file('bytes.json.gz', content);
    const seen: number[] = [];
    const options = {
      batchRows: 100,
      warn: () => undefined,
      onProgress: (bytes: number) => seen.push(bytes),
    };
    for await (const batch of readArchive(path, options)) expect(batch).toBeDefined();
    expect(seen.at(-1)).toBe(content.length);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  it('refuses a line without end instead of holding it in memory', async () => {
    const path = file('endless.json.gz', gzipSync('x'.repeat(3_000)));
    const reading = async () => {
      for await (const batch of readArchive(path, { warn: () => undefined, longestLine: 1_000 })) void batch;
    };
    await expect(reading()).rejects.toThrow('a line is longer than 1000 characters');
  });

  it('says what is wrong with a file that is cut off, is no gzip, or is not there', async () => {
    const whole = gzipSync(lines(200).join('\n'));
    await expect(read(file('cut.json.gz', whole.subarray(0, whole.length / 2)))).rejects.toThrow(
      /cut\.json\.gz cannot be read past line \d+: unexpected end of file/,
    );
    await expect(read(file('plain.json', Buffer.from(lines(1).join())))).rejects.toThrow(/whole gzip file/);
    await expect(read(join(folder, 'none.gz'))).rejects.toThrow(/does not exist/);
  });
});
