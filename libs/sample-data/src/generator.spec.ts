import { generatedId, generateRows } from './generator';
import type { RowSet } from '@tributary/gh-archive';

function all(options: { rows: number; seed?: number; batchRows?: number }): RowSet {
  const batches = [...generateRows(options)];
  return {
    users: batches.flatMap((batch) => batch.users),
    repositories: batches.flatMap((batch) => batch.repositories),
  };
}

describe('generator', () => {
  const rows = all({ rows: 10_000 });

  it('gives equal rows for equal seeds, whatever the batch, and others for another seed', () => {
    expect(all({ rows: 10_000, batchRows: 333 })).toEqual(rows);
    expect(all({ rows: 50, seed: 2 }).users).not.toEqual(all({ rows: 50 }).users);
  });

  it('makes as many rows as asked, each id once, some of them past 2^53', () => {
    expect(rows.users.length + rows.repositories.length).toBe(10_000);
    const ids = [...rows.users.map((row) => row.user_id), ...rows.repositories.map((row) => row.repo_id)];
    expect(new Set(ids).size).toBe(10_000);
    expect(ids.filter((id) => BigInt(id) > 2n ** 53n)).toHaveLength(10);
    expect(ids).toContain(generatedId(0));
  });

  it('mixes in NULLs, emoji, very long texts, and owners that exist', () => {
    expect(rows.users.some((row) => row.bio === null)).toBe(true);
    expect(rows.users.some((row) => row.bio?.includes('🦑'))).toBe(true);
    expect(rows.repositories.some((row) => (row.description?.length ?? 0) >= 8_000)).toBe(true);
    const users = new Set(rows.users.map((row) => row.user_id));
    expect(rows.repositories.every((row) => row.owner_id === null || users.has(row.owner_id))).toBe(true);
  });

  it('writes topics as JSON', () => {
    for (const { topics } of rows.repositories) if (topics !== null) JSON.parse(topics);
    expect(rows.repositories.some((row) => row.topics?.includes('9007199254740993'))).toBe(true);
  });
});
