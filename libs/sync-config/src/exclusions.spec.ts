import { parseSyncConfig } from './load';

describe('R15: exclude', () => {
  it('leaves a table, or the tables of a pattern, out of a wider pattern', () => {
    const config = parseSyncConfig(`tables:
      - table: db.*
      - { table: db.logs, exclude: true }
      - { table: "db.tmp_*", exclude: true }
      - { table: db.tmp_kept, exclude: false, redis: { as: json } }`);
    const taken = ['db.users', 'db.logs', 'db.logs2', 'db.tmp_1', 'db.tmp_kept'].filter((table) =>
      config.table(table),
    );
    expect(taken).toEqual(['db.users', 'db.logs2', 'db.tmp_kept']);
    expect(config.table('db.tmp_kept')?.redis.as).toBe('json');
    expect(['db.logs', 'db.tmp_1', 'db.users', 'x.y'].map((table) => config.isExcluded(table))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(config.tablePatterns).toEqual(['db.*', 'db.tmp_kept']);
    expect(config.excludedPatterns).toEqual(['db.logs', 'db.tmp_*']);
  });
});
