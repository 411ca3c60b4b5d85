import { rowSchema, type Column } from '@tributary/contract';
import { parseSyncConfig } from '@tributary/sync-config';
import { redisIndexMember, redisKey } from '../../mapping';
import { RedisKeyParser } from './redis-key-parser';
import type { ViewedTable } from '../../target-view';

const column = (name: string, kind: 'int' | 'text'): Column => ({
  ...{ name, field: name, kind, sourceKind: kind, sqlType: kind, nullable: false },
});

function plan(redis: string): ViewedTable {
  const config = parseSyncConfig(`tables: [ { table: d.t, redis: ${redis} } ]`);
  const columns = [column('a', 'text'), column('b', 'int')];
  return {
    ...{ settings: config.table('d.t')!, schema: rowSchema({ table: 'd.t', columns, key: ['a', 'b'] }) },
  };
}

const patterns = ['{}', '{ key: "x:{b}:y:{a}" }', '{ key: "{a}:{b}" }', '{ key: "d:t:{b}-{a}", index: "i" }'];
const keys = [
  { a: 'plain', b: 1 },
  { a: 'with:colon%', b: -2 },
  { a: '', b: 0 },
  { a: '1-2', b: 3 },
];

describe('the way back from Redis keys', () => {
  it.each(patterns)('%s: finds the row of a key and of an index member', (redis) => {
    const table = plan(redis);
    const parser = new RedisKeyParser(table);
    for (const key of keys) {
      expect(parser.keysOf(redisKey(table.settings, table.schema, key))).toContainEqual(key);
      expect(parser.keysOfMember(redisIndexMember(table.settings, table.schema, key))).toContainEqual(key);
    }
  });

  it('R14: two rows have no key in common, and a key reads as one row', () => {
    const texts = [
      '',
      '-',
      'x',
      'x-',
      '-x',
      '%',
      '%2D',
      '%2d',
      ':',
      'x-:',
      '-:x',
      'x-1--2',
      '2D',
      'é',
      'x\u{1F984}',
    ];
    const rows = texts.flatMap((a) => [0, -1, 12].map((b) => ({ a, b })));
    for (const key of [
      ...['{a}-{b}', '{b}-{a}', '{a}--{b}', '{a}:{b}', '{a}-:{b}', '{a}:-{b}', 'x-{a}1-{b}-y', '{b}é{a}'],
      ...['{a}e{b}', '{a}x{b}', '{a}\u{1F984}{b}', 'd:t:{a}/{b}', '-{a}-{b}-'],
    ]) {
      const table = plan(`{ key: "${key}" }`);
      const parser = new RedisKeyParser(table);
      const keys = rows.map((row) => redisKey(table.settings, table.schema, row));
      const members = rows.map((row) => redisIndexMember(table.settings, table.schema, row));
      expect([key, new Set(keys).size, new Set(members).size]).toEqual([key, rows.length, rows.length]);
      for (const [at, row] of rows.entries()) {
        expect([key, row, parser.keysOf(keys[at]!)]).toEqual([key, row, [row]]);
        expect([key, row, parser.keysOfMember(members[at]!)]).toEqual([key, row, [row]]);
      }
    }
  });

  it('R14: an index member stands for one row, also where values read like the names of the index', () => {
    const config = parseSyncConfig('tables: [ { table: d.t, redis: { key: "{a}:{b}:{c}", index: "i:j" } } ]');
    const columns = [column('a', 'text'), column('b', 'text'), column('c', 'text')];
    const schema = rowSchema({ table: 'd.t', columns, key: ['a', 'b', 'c'] });
    const settings = config.table('d.t')!;
    const members = [
      { a: 'i', b: 'j', c: 'v' },
      { a: 'd', b: 't', c: 'v' },
    ].map((row) => redisIndexMember(settings, schema, row));
    expect(new Set(members).size).toBe(2);
  });

  it('gives none for what is no key of the table', () => {
    const parser = new RedisKeyParser(plan('{}'));
    for (const text of ['d:t:only', 'd:t:a:b', 'd:t:a:1:2', 'd:u:a:1', 'd:t:a:01'])
      expect(parser.keysOf(text)).toEqual([]);
  });

  it('escapes what SCAN would take for a pattern', () => {
    expect(new RedisKeyParser(plan('{ key: "a*[{a}]?{b}" }')).glob).toBe('a\\*\\[*\\]\\?*');
  });
});
