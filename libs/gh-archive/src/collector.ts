import { repositoryOf, userOf } from './github-objects';
import type { RepositoryRow, RowSet, SampleTable, UserRow } from './rows';

/**
 * Gathers the users and repositories of payloads, each id once. An id comes in short and long forms, so a later
 * object changes what it knows better and leaves the rest.
 */
export class RowCollector {
  readonly #users = new Map<string, UserRow>();
  readonly #repositories = new Map<string, RepositoryRow>();

  /** `only`: which ids are kept; without it all. */
  constructor(private readonly only: (table: SampleTable, id: string) => boolean = () => true) {}

  get size(): number {
    return this.#users.size + this.#repositories.size;
  }

  /** Walks a JSON value and keeps every object in it that is a user or a repository. */
  addAllIn(value: unknown): void {
    if (Array.isArray(value)) for (const item of value) this.addAllIn(item);
    else if (typeof value === 'object' && value !== null) {
      this.#addObject(value as Record<string, unknown>);
      for (const member of Object.values(value)) this.addAllIn(member);
    }
  }

  /** Hands over what was gathered and begins anew. */
  take(): RowSet {
    const rows = { users: [...this.#users.values()], repositories: [...this.#repositories.values()] };
    this.#users.clear();
    this.#repositories.clear();
    return rows;
  }

  #addObject(object: Record<string, unknown>): void {
    const user = userOf(object);
    if (user && this.only('users', user.user_id))
      this.#users.set(user.user_id, merged(this.#users.get(user.user_id), user));
    const repository = repositoryOf(object);
    if (repository && this.only('repositories', repository.repo_id))
      this.#repositories.set(
        repository.repo_id,
        merged(this.#repositories.get(repository.repo_id), repository),
      );
  }
}

/** What two objects know of one id; the later one knows better. */
export function merged<Row extends object>(known: Row | undefined, next: Row): Row {
  if (!known) return next;
  const facts = Object.entries(next).filter(([, value]) => value !== null);
  return { ...known, ...Object.fromEntries(facts) };
}
