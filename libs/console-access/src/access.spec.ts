import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sealerOf } from './console-secret';
import { makeToken, readToken } from './access-token';
import { hashPassword, passwordMatches } from './password';
import { Sealer } from './sealer';
import { parseUsers, UsersFile } from './users-file';

const secret = 'a secret of at least thirty-two characters';
const ada = { name: 'ada', role: 'viewer' } as const;

describe('sealed texts', () => {
  const sealer = new Sealer(secret);

  it('opens what it sealed, for the same purpose alone', async () => {
    const sealed = await sealer.seal('session', { a: 1 }, 1_000);
    expect(await sealer.open('session', sealed)).toEqual({ a: 1 });
    expect(await sealer.open('token', sealed)).toBeUndefined();
  });

  it('opens nothing of another secret, nothing that was changed, and nothing past its life', async () => {
    const sealed = await sealer.seal('session', { a: 1 }, 40);
    const parts = sealed.split('*');
    for (let at = 0; at < parts.length; at += 1) {
      const forged = parts.with(at, `${parts[at]}A`).join('*');
      expect(await sealer.open('session', forged)).toBeUndefined();
    }
    expect(await new Sealer(`${secret}!`).open('session', sealed)).toBeUndefined();
    await sleep(60);
    expect(await sealer.open('session', sealed)).toBeUndefined();
  });

  it('takes no secret that can be guessed', () => {
    expect(() => new Sealer('short')).toThrow(RangeError);
  });

  it('takes the secret of the environment, and says what it must look like', async () => {
    const sealed = await sealer.seal('session', 1, 1_000);
    expect(await sealerOf({ CONSOLE_SECRET: secret }).open('session', sealed)).toBe(1);
    for (const CONSOLE_SECRET of [undefined, 'hunter2'])
      expect(() => sealerOf({ CONSOLE_SECRET })).toThrow(
        expect.objectContaining({ code: 'ENV', message: expect.not.stringContaining('hunter2') }),
      );
  });

  it('a token speaks for its user; a session is none', async () => {
    const token = await makeToken(sealer, ada, 30);
    expect(token).toMatch(/^[\w-]+$/);
    expect(await readToken(sealer, token)).toEqual(ada);
    const session = Buffer.from(await sealer.seal('session', ada, 1_000)).toString('base64url');
    for (const forged of [session, '', 'x', token.slice(1), await makeToken(sealer, ada, -1)])
      expect(await readToken(sealer, forged)).toBeUndefined();
  });
});

describe('passwords', () => {
  it('match their hash alone, and never that of nobody', async () => {
    const hashed = await hashPassword('correct horse');
    expect(hashed).toMatch(/^\$argon2id\$/);
    expect(await passwordMatches(hashed, 'correct horse')).toBe(true);
    expect(await passwordMatches(hashed, 'correct hors')).toBe(false);
    expect(await passwordMatches(undefined, 'correct horse')).toBe(false);
    expect(await passwordMatches('$argon2id$broken', 'correct horse')).toBe(false);
  });
});

describe('the file of users', () => {
  const folder = mkdtempSync(join(tmpdir(), 'users-'));
  const path = join(folder, 'users.yaml');
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is a list, or a mapping from names', () => {
    const listed = parseUsers('- { name: ada, role: viewer, hash: $argon2id$x }');
    expect(listed).toEqual(parseUsers('ada: { role: viewer, hash: $argon2id$x }'));
    expect([...listed.values()]).toEqual([{ ...ada, hash: '$argon2id$x' }]);
  });

  it.each([
    ['', 'CONSOLE_USERS'],
    ['[]', 'CONSOLE_USERS'],
    ['{ a: ', 'CONSOLE_USERS'],
    ['- { name: ada, role: root, hash: $argon2id$x }', 'CONSOLE_USERS'],
    ['- { name: ada, role: viewer, hash: hunter2 }', 'CONSOLE_USERS'],
    ['- { name: ada, role: viewer, hash: $argon2id$x, admin: true }', 'CONSOLE_USERS'],
    [
      '[ { name: a, role: viewer, hash: $argon2i }, { name: a, role: viewer, hash: $argon2i } ]',
      'CONSOLE_USERS',
    ],
  ])('R14: refuses %j, and shows no hash', (text, code) => {
    expect(() => parseUsers(text)).toThrow(expect.objectContaining({ code }));
    expect(() => parseUsers(text)).not.toThrow(/hunter2/);
  });

  it('is read again when it changes, and stays as it was while it is unusable', async () => {
    const faults: unknown[] = [];
    writeFileSync(path, 'ada: { role: viewer, hash: $argon2id$x }');
    const users = new UsersFile(path, (error) => faults.push(error));
    expect(users.find('ada')?.role).toBe('viewer');
    writeFileSync(path, 'ada: { role: operator, hash: $argon2id$x }');
    await sleep(1_050);
    expect(users.find('ada')?.role).toBe('operator');
    writeFileSync(path, 'ada: ');
    await sleep(1_050);
    expect([users.find('ada')?.role, faults.length]).toEqual(['operator', 1]);
  });
});
