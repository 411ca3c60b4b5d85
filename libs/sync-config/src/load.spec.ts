import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SyncError } from '@tributary/kernel';
import { loadSyncConfig, parseSyncConfig } from './load';

const faults = (text: string): string[] => {
  try {
    parseSyncConfig(text, 'f.yaml');
  } catch (error) {
    expect(error).toBeInstanceOf(SyncError);
    expect(error).toMatchObject({ kind: 'fatal', code: 'CONFIG' });
    return (error as Error).message.split('\n  ').slice(1);
  }
  return [];
};

describe('R14: a sync file that is not usable', () => {
  it.each<[string, string, string[]]>([
    ['empty', '', ['f.yaml:1:1: tables: ']],
    ['only a comment', '# nothing\n', ['tables: ']],
    ['a list', '- a\n', ['f.yaml:1:1: file: ']],
    ['a text', 'tables\n', ['f.yaml:1:1: file: ']],
    ['no tables', 'tables: []\n', ['f.yaml:1:1: tables: must list at least one table']],
    ['truncated in a flow', 'tables:\n  - { table: a.b\n', ['f.yaml:3:1: ']],
    ['truncated in a quote', 'tables:\n  - table: "a.b\n', ['f.yaml:3:1: ']],
    ['a tab for an indent', 'tables:\n\t- table: a.b\n', ['f.yaml:2:1: ']],
    ['a key twice', 'tables: [{ table: a.b }]\ntables: [{ table: a.c }]\n', ['f.yaml:2:1: ']],
    [
      'an unknown key at the top',
      'tabels: []\ntables: [{ table: a.b }]\n',
      ['f.yaml:1:1: tabels: unknown key "tabels"'],
    ],
    [
      'an unknown key in a table',
      'tables:\n  - table: a.b\n    colums: {}\n',
      ['f.yaml:3:5: tables.0.colums: unknown key "colums"'],
    ],
    [
      'a table without database',
      'tables:\n  - table: users\n',
      ['f.yaml:2:5: tables.0.table: must be database.table'],
    ],
    ['a missing table name', 'tables:\n  - key: [id]\n', ['f.yaml:2:5: tables.0.table: ']],
    [
      'a number for partitions',
      'topics: { partitions: 0 }\ntables: [{ table: a.b }]\n',
      ['f.yaml:1:11: topics.partitions: '],
    ],
    [
      'an impossible prefix',
      'topics:\n  prefix: "a b"\ntables: [{ table: a.b }]\n',
      ['f.yaml:2:3: topics.prefix: may hold'],
    ],
    [
      'an impossible layout',
      'tables:\n  - table: a.b\n    redis:\n      as: list\n',
      ['f.yaml:4:7: tables.0.redis.as: '],
    ],
    [
      'an empty key',
      'tables:\n  - table: a.b\n    key: []\n',
      ['f.yaml:3:5: tables.0.key: must name at least one column'],
    ],
    [
      'an unknown mask',
      'tables:\n  - table: a.b\n    columns: { mask: { x: md5 } }\n',
      ['f.yaml:3:24: tables.0.columns.mask.x: '],
    ],
    [
      'a validator of a shared collection',
      'tables:\n  - table: a.b\n    mongo: { shared: true, validator: warn }\n',
      ['f.yaml:3:28: tables.0.mongo.validator: a shared collection gets no validator'],
    ],
    [
      'a table twice',
      'tables:\n  - table: a.b\n  - table: a.b\n',
      ['f.yaml:3:5: tables.1.table: a.b is listed twice'],
    ],
    [
      'a key column excluded',
      'tables:\n  - table: a.b\n    key: [id]\n    columns:\n      exclude: [id]\n',
      ['f.yaml:5:7: tables.0.columns.exclude: id is a key column and cannot be excluded'],
    ],
    [
      'a key column masked',
      'tables:\n  - table: a.b\n    key: [id]\n    columns:\n      mask: { id: redact }\n',
      ['f.yaml:5:15: tables.0.columns.mask.id: id is a key column and cannot be masked'],
    ],
    [
      'two columns of one name',
      'tables:\n  - table: a.b\n    columns: { rename: { x: z, y: z } }\n',
      ['f.yaml:3:32: tables.0.columns.rename.y: y and x are both renamed to z'],
    ],
    [
      'a reserved name',
      'tables:\n  - table: a.b\n    columns: { rename: { x: _id } }\n',
      ['f.yaml:3:26: tables.0.columns.rename.x: _id is a name'],
    ],
    [
      'an excluded table with settings',
      'tables:\n  - table: a.*\n  - table: a.b\n    exclude: true\n    redis: { as: json }\n    where: x > 1\n',
      [
        'f.yaml:5:5: tables.1.redis: a.b is excluded, so redis means nothing',
        'f.yaml:6:5: tables.1.where: a.b is excluded',
      ],
    ],
    [
      'a table of its own entry that a pattern excludes',
      'tables:\n  - table: a.b\n  - table: a.*\n    exclude: true\n',
      [
        'f.yaml:2:5: tables.0.table: a.b is excluded by a.*: take this entry out, or say exclude: false in it',
      ],
    ],
    [
      'nothing but excluded tables',
      'tables:\n  - { table: a.b, exclude: true }\n',
      ['f.yaml:1:1: tables: every entry is excluded'],
    ],
    [
      'a table that is taken in and left out',
      'tables:\n  - table: a.b\n  - { table: a.b, exclude: true }\n',
      ['tables.1.table: a.b is listed twice'],
    ],
    [
      'an exclude that is no boolean',
      'tables:\n  - table: a.*\n  - { table: a.b, exclude: [x] }\n',
      ['f.yaml:3:19: tables.1.exclude: '],
    ],
    [
      'a Redis key with nothing between two columns',
      'tables:\n  - table: a.b\n    redis: { key: "x:{p}{q}" }\n',
      ['f.yaml:3:14: tables.0.redis.key: nothing stands between {p} and {q}, so two rows could share a key'],
    ],
    [
      'a Redis key whose separator can be part of every value',
      'tables:\n  - table: a.b\n    redis: { key: "{p}:{q}0{r}" }\n',
      ['f.yaml:3:14: tables.0.redis.key: "0" between {q} and {r} can be part of a value'],
    ],
    [
      'a Redis key without a column',
      'tables:\n  - table: a.b\n    redis: { key: "all" }\n',
      ['f.yaml:3:14: tables.0.redis.key: it holds no {column}, so all rows would share one key'],
    ],
    [
      'a pattern with one collection',
      'tables:\n  - table: a.*\n    mongo:\n      collection: all\n',
      ['f.yaml:4:7: tables.0.mongo.collection: a pattern cannot'],
    ],
  ])('%s is told with line and column', (_, text, expected) => {
    const found = faults(text);
    expect(found.length).toBeGreaterThanOrEqual(expected.length);
    for (const words of expected) expect(found.join('\n')).toContain(words);
  });

  it('a column may be called what every object inherits', () => {
    expect(
      faults('tables:\n  - table: a.b\n    key: [toString]\n    columns: { exclude: [constructor] }\n'),
    ).toEqual([]);
  });

  it('tells every fault at once', () => {
    expect(
      faults('topics: { partitions: 0, prfix: x }\ntables:\n  - table: users\n    dot: X\n'),
    ).toHaveLength(4);
  });

  it('a file that is not there says so and what to do', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sync-config-'));
    const path = join(folder, 'sync.yaml');
    expect(() => loadSyncConfig(path)).toThrow(/does not exist: name it in SYNC_CONFIG or create it/);
    writeFileSync(path, 'tables: [{ table: a.b }]');
    expect(loadSyncConfig(path).tablePatterns).toEqual(['a.b']);
    expect(() => loadSyncConfig(folder)).toThrow(
      /cannot be read \(EISDIR: .*\): SYNC_CONFIG must name a file/,
    );
    rmSync(folder, { recursive: true });
  });
});

it('two texts have the same hash only when they are the same', () => {
  const hash = (text: string) => parseSyncConfig(text).hash;
  expect(hash('tables: [{ table: a.b }]')).toBe(hash('tables: [{ table: a.b }]'));
  expect(hash('tables: [{ table: a.b }]')).not.toBe(hash('tables: [{ table: a.c }]'));
});
