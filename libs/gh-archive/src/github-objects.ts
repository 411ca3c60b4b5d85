import type { RepositoryRow, UserRow } from './rows';

type Fields = Readonly<Record<string, unknown>>;

/** As a column holds it: no more characters than it has room for, and no half of a surrogate pair. */
const text = (value: unknown, limit = 255): string | null =>
  typeof value === 'string' ? Buffer.from([...value].slice(0, limit).join('')).toString() : null;
const count = (value: unknown): number | null =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32 ? (value as number) : null;
const flag = (value: unknown): 0 | 1 | null => (typeof value === 'boolean' ? (value ? 1 : 0) : null);
const isId = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;
const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {};

/** GitHub writes a moment as ISO text or, in push events, as seconds since 1970. */
function moment(value: unknown): string | null {
  const date =
    typeof value === 'number' ? new Date(value * 1000) : typeof value === 'string' ? new Date(value) : null;
  // What TIMESTAMP can hold; NaN is not within.
  return date && date.getTime() > 0 && date.getTime() < 2 ** 31 * 1000
    ? date.toISOString().slice(0, 19).replace('T', ' ')
    : null;
}

/** A user, organization or bot in a payload; `undefined` for anything else (an invitation also has id and login). */
export function userOf(object: Fields): UserRow | undefined {
  const { id, login, url } = object;
  if (!isId(id) || typeof login !== 'string' || typeof url !== 'string' || !/\/(users|orgs)\//.test(url))
    return undefined;
  return {
    user_id: String(id),
    login: text(login)!,
    node_id: text(object['node_id'], 64),
    gravatar_id: text(object['gravatar_id']),
    url: text(url),
    html_url: text(object['html_url']),
    avatar_url: text(object['avatar_url']),
    type: text(object['type'], 32),
    site_admin: flag(object['site_admin']),
    name: text(object['name']),
    company: text(object['company']),
    location: text(object['location']),
    email: text(object['email'], 320),
    bio: text(object['bio'] ?? object['description'], 16_000),
    public_repos: count(object['public_repos']),
    followers: count(object['followers']),
    created_at: moment(object['created_at']),
    updated_at: moment(object['updated_at']),
  };
}

/** A repository in a payload, or the short form `{id, name: "owner/name", url}` that GH Archive gives each event. */
export function repositoryOf(object: Fields): RepositoryRow | undefined {
  const { id, name, url } = object;
  if (!isId(id) || typeof name !== 'string') return undefined;
  const isShort = typeof url === 'string' && url.includes('/repos/') && /^[^/]+\/[^/]+$/.test(name);
  const fullName = object['full_name'] ?? (isShort ? name : undefined);
  if (typeof fullName !== 'string') return undefined;
  const { visibility, topics } = object;
  const owner = fieldsOf(object['owner']);
  return {
    repo_id: String(id),
    node_id: text(object['node_id'], 64),
    name: text(name.slice(name.indexOf('/') + 1))!,
    full_name: text(fullName)!,
    owner_id: isId(owner['id']) ? String(owner['id']) : null,
    url: text(url),
    html_url: text(object['html_url']),
    description: text(object['description'], 16_000),
    homepage: text(object['homepage'], 1024),
    language: text(object['language'], 64),
    license: text(fieldsOf(object['license'])['spdx_id'], 64),
    visibility:
      visibility === 'public' || visibility === 'private' || visibility === 'internal' ? visibility : null,
    private: flag(object['private']),
    fork: flag(object['fork']),
    archived: flag(object['archived']),
    default_branch: text(object['default_branch']),
    topics: Array.isArray(topics) ? JSON.stringify(topics) : null,
    size: count(object['size']),
    stargazers_count: count(object['stargazers_count']),
    forks_count: count(object['forks_count']),
    open_issues_count: count(object['open_issues_count']),
    created_at: moment(object['created_at']),
    updated_at: moment(object['updated_at']),
    pushed_at: moment(object['pushed_at']),
  };
}
