/** A value as it is handed to MySQL: ids beyond 2^53 are digits, booleans 0 or 1, JSON its text, times UTC text. */
export type Value = string | number | null;

/** What stands for a `?` of a statement: a value, a list for IN, or rows for VALUES. */
type Parameter = Value | Value[] | Value[][];

export interface Statement {
  readonly sql: string;
  readonly values: Parameter[];
}

/** One row of `github_data.users`, by column. */
export interface UserRow {
  readonly user_id: string;
  readonly login: string;
  readonly node_id: string | null;
  readonly gravatar_id: string | null;
  readonly url: string | null;
  readonly html_url: string | null;
  readonly avatar_url: string | null;
  readonly type: string | null;
  readonly site_admin: 0 | 1 | null;
  readonly name: string | null;
  readonly company: string | null;
  readonly location: string | null;
  readonly email: string | null;
  readonly bio: string | null;
  readonly public_repos: number | null;
  readonly followers: number | null;
  readonly created_at: string | null;
  readonly updated_at: string | null;
}

/** One row of `github_data.repositories`, by column. */
export interface RepositoryRow {
  readonly repo_id: string;
  readonly node_id: string | null;
  readonly name: string;
  readonly full_name: string;
  readonly owner_id: string | null;
  readonly url: string | null;
  readonly html_url: string | null;
  readonly description: string | null;
  readonly homepage: string | null;
  readonly language: string | null;
  readonly license: string | null;
  readonly visibility: 'public' | 'private' | 'internal' | null;
  readonly private: 0 | 1 | null;
  readonly fork: 0 | 1 | null;
  readonly archived: 0 | 1 | null;
  readonly default_branch: string | null;
  readonly topics: string | null;
  readonly size: number | null;
  readonly stargazers_count: number | null;
  readonly forks_count: number | null;
  readonly open_issues_count: number | null;
  readonly created_at: string | null;
  readonly updated_at: string | null;
  readonly pushed_at: string | null;
}

export interface RowSet {
  readonly users: UserRow[];
  readonly repositories: RepositoryRow[];
}

/** The tables of sql/github_data.sql as the tools address them. */
export const sampleTables = {
  users: { name: 'github_data.users', key: 'user_id' },
  repositories: { name: 'github_data.repositories', key: 'repo_id' },
} as const;
export type SampleTable = keyof typeof sampleTables;
