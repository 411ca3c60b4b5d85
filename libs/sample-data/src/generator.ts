import { SeededRandom } from '@tributary/testing';
import { oddTexts } from './odd-texts';
import { makePools, type Pools } from './pools';
import type { RepositoryRow, RowSet, UserRow } from '@tributary/gh-archive';

export interface GeneratorOptions {
  /** Rows in all; of five, two are users and three repositories. */
  readonly rows: number;
  readonly seed?: number;
  /** Rows of a batch; only one batch is in memory at a time. */
  readonly batchRows?: number;
}

/** Far above every id that GitHub has given out, so that made-up rows never meet real ones. */
const FIRST_ID = 4_000_000_000_000n;
/** Every so many rows an id past 2^53, which no double holds. */
const HUGE_EVERY = 997;
const HUGE_ID = 9_007_199_254_740_993n;
const ODD_TEXT = 0.02;
const LONG_TEXT = 0.002;

/** Makes users and repositories by the batch; equal options give equal rows on every machine. */
export function* generateRows({ rows, seed = 1, batchRows = 1_000 }: GeneratorOptions): Generator<RowSet> {
  const maker = new RowMaker(new SeededRandom(seed), makePools(seed));
  for (let made = 0; made < rows; made += batchRows) {
    const batch: RowSet = { users: [], repositories: [] };
    for (let at = made; at < Math.min(rows, made + batchRows); at += 1)
      if (at % 5 < 2) batch.users.push(maker.user(generatedId(at)));
      else batch.repositories.push(maker.repository(generatedId(at), generatedId(at - (at % 5))));
    yield batch;
  }
}

/** The id of the n-th generated row. */
export function generatedId(at: number): string {
  return String(at % HUGE_EVERY === HUGE_EVERY - 1 ? HUGE_ID + BigInt(at) : FIRST_ID + BigInt(at) * 7n);
}

/** Makes single rows from pools of words; which ones depends on the random numbers alone. */
export class RowMaker {
  constructor(
    readonly random: SeededRandom,
    private readonly pools: Pools,
  ) {}

  user(id: string): UserRow {
    const { random, pools } = this;
    const login = `${random.pick(pools.logins)}-${id.slice(-6)}`;
    return {
      user_id: id,
      login,
      node_id: `U_${Buffer.from(id).toString('base64url')}`,
      gravatar_id: this.#maybe(0.1, () => this.#hex(32)) ?? '',
      url: `https://api.github.com/users/${login}`,
      html_url: `https://github.com/${login}`,
      avatar_url: `https://avatars.githubusercontent.com/u/${id}?v=4`,
      type: random.pick(['User', 'User', 'User', 'User', 'Organization', 'Bot']),
      site_admin: random.chance(0.01) ? 1 : 0,
      name: this.#maybe(0.8, () => this.#oddOr(() => random.pick(pools.names))),
      company: this.#maybe(0.4, () => random.pick(pools.companies)),
      location: this.#maybe(0.5, () => random.pick(pools.places)),
      email: this.#maybe(0.3, () => `${login}@${random.pick(pools.domains)}`),
      bio: this.#maybe(0.5, () => this.text(random.pick(pools.bios))),
      public_repos: random.integer(0, 400),
      followers: random.chance(0.001) ? 4_294_967_295 : random.integer(0, 50_000),
      created_at: this.#moment(),
      updated_at: this.#maybe(0.95, () => this.#moment()),
    };
  }

  repository(id: string, ownerId: string | null): RepositoryRow {
    const { random, pools } = this;
    const owner = random.pick(pools.logins);
    const name = `${random.pick(pools.projects)}-${id.slice(-5)}`;
    const visibility = random.pick(['public', 'public', 'public', 'private', 'internal'] as const);
    return {
      repo_id: id,
      node_id: `R_${Buffer.from(id).toString('base64url')}`,
      name,
      full_name: `${owner}/${name}`,
      owner_id: random.chance(0.95) ? ownerId : null,
      url: `https://api.github.com/repos/${owner}/${name}`,
      html_url: `https://github.com/${owner}/${name}`,
      description: this.#maybe(0.85, () => this.text(random.pick(pools.descriptions))),
      homepage: this.#maybe(0.2, () => `https://${random.pick(pools.domains)}/`),
      language: this.#maybe(0.85, () => random.pick(languages)),
      license: this.#maybe(0.6, () => random.pick(licenses)),
      visibility,
      private: visibility === 'public' ? 0 : 1,
      fork: random.chance(0.3) ? 1 : 0,
      archived: random.chance(0.05) ? 1 : 0,
      default_branch: random.pick(['main', 'main', 'master', 'trunk', 'release/2.x']),
      topics: this.#maybe(0.7, () => this.#topics()),
      size: random.chance(0.001) ? 4_294_967_295 : random.integer(0, 900_000),
      stargazers_count: random.integer(0, random.chance(0.02) ? 250_000 : 60),
      forks_count: random.integer(0, 500),
      open_issues_count: random.integer(0, 300),
      created_at: this.#moment(),
      updated_at: this.#moment(),
      pushed_at: this.#maybe(0.97, () => this.#moment()),
    };
  }

  /** Mostly `usual`, sometimes an odd text, seldom one of some 8,000 characters. */
  text(usual: string): string {
    const { random } = this;
    if (!random.chance(LONG_TEXT)) return this.#oddOr(() => usual);
    let long = '';
    while (long.length < 8_000) long += `${random.pick(oddTexts)} ${random.pick(this.pools.descriptions)}\n`;
    return long;
  }

  #oddOr(usual: () => string): string {
    return this.random.chance(ODD_TEXT) ? this.random.pick(oddTexts) : usual();
  }

  #maybe<T>(probability: number, make: () => T): T | null {
    return this.random.chance(probability) ? make() : null;
  }

  #topics(): string {
    const { random, pools } = this;
    const topics = Array.from({ length: random.integer(0, 6) }, () => random.pick(pools.topics));
    if (!random.chance(ODD_TEXT)) return JSON.stringify(topics);
    // Written by hand, because the integer is one that JavaScript cannot hold.
    const [text, name] = [random.pick(oddTexts), random.pick(pools.topics)].map((part) =>
      JSON.stringify(part),
    );
    return `[${text}, 9007199254740993, -1.5e300, true, null, {${name}: []}]`;
  }

  #hex(digits: number): string {
    return Array.from({ length: digits }, () => this.random.integer(0, 15).toString(16)).join('');
  }

  /** A second between 2008 and 2025. */
  #moment(): string {
    const seconds = this.random.integer(1_199_145_600, 1_735_689_599);
    return new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
  }
}

const languages = [
  'TypeScript',
  'Rust',
  'Go',
  'Python',
  'C++',
  'C#',
  'Java',
  'Ruby',
  'Jupyter Notebook',
  'HTML',
];
const licenses = ['MIT', 'Apache-2.0', 'GPL-3.0', 'BSD-3-Clause', 'NOASSERTION'];
