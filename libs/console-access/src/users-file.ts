import { readFileSync, statSync } from 'node:fs';
import { fatal } from '@tributary/kernel';
import { parse } from 'yaml';
import { z } from 'zod';
import { OIDC_PREFIX, role, type UserRole } from './user';

export interface ListedUser {
  readonly name: string;
  readonly role: UserRole;
  readonly hash: string;
}

const rights = {
  role,
  hash: z.string().startsWith('$argon2', 'is no argon2 hash: make one with tributary console hash-password'),
};
const name = z
  .string()
  .min(1)
  .max(200)
  .refine(
    (text) => !text.startsWith(OIDC_PREFIX),
    `must not begin with ${OIDC_PREFIX}, which those of the provider have`,
  );
const list = z.array(z.strictObject({ name, ...rights }));
const mapping = z
  .record(name, z.strictObject(rights))
  .transform((users) => Object.entries(users).map(([name, of]) => ({ name, ...of })));

/**
 * The users of a file of CONSOLE_USERS_FILE: a YAML list of `{name, role, hash}`, or a mapping from names. Throws a fatal
 * SyncError `CONSOLE_USERS` that names the place of what is wrong, and no hash.
 */
export function parseUsers(text: string): ReadonlyMap<string, ListedUser> {
  const users = read(text);
  if (users.length === 0) throw wrong('names nobody');
  const byName = new Map(users.map((user) => [user.name, user]));
  if (byName.size < users.length) throw wrong('names a user twice');
  return byName;
}

function read(text: string): ListedUser[] {
  let content: unknown;
  try {
    content = parse(text);
  } catch {
    throw wrong('is no YAML');
  }
  const { data, error } = (Array.isArray(content) ? list : mapping).safeParse(content);
  if (!error) return data;
  const { path, message } = error.issues[0]!;
  throw wrong(`is wrong at ${path.join('.') || 'its root'}: ${message}`);
}

const wrong = (what: string) =>
  fatal('CONSOLE_USERS', `The file of CONSOLE_USERS_FILE ${what}; it lists users by name, role and hash.`);

const LOOK_MS = 1_000;

/** Users of a file, read again when it has changed. A file that became unusable leaves the users as they were. */
export class UsersFile {
  #users: ReadonlyMap<string, ListedUser>;
  #stamp: string;
  #lookedAt = performance.now();

  /** Throws like `parseUsers`, and when the file cannot be read. */
  constructor(
    private readonly path: string,
    private readonly onFault: (error: unknown) => void,
  ) {
    this.#stamp = stampOf(path);
    this.#users = parseUsers(textOf(path));
  }

  find(name: string): ListedUser | undefined {
    this.#look();
    return this.#users.get(name);
  }

  #look(): void {
    if (performance.now() - this.#lookedAt < LOOK_MS) return;
    this.#lookedAt = performance.now();
    try {
      const stamp = stampOf(this.path);
      if (stamp === this.#stamp) return;
      this.#stamp = stamp;
      this.#users = parseUsers(textOf(this.path));
    } catch (error) {
      this.onFault(error);
    }
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw wrong(`cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** A mounted secret is exchanged by another file of the same name. */
function stampOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? `${found.ino} ${found.size} ${found.mtimeMs}` : 'none';
}
