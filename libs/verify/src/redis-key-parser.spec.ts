import { rowSchema, type Column } from '@tributary/change-event';
import type { TablePlan } from '@tributary/capture';
import { parseSyncConfig } from '@tributary/sync-config';
import { redisIndexMember, redisKey } from '@tributary/targets';
import { RedisKeyParser } from './redis-key-parser';

const column = (name: string, kind: 'int' | 'text'): Column => ({
  ...{ name, field: name, kind, sourceKind: kind, sqlType: kind, nullable: false },
});

function plan(redis: string): TablePlan {
  const config = parseSyncConfig(`tables: [ { table: d.t, redis: ${redis} } ]`);
  const columns = [column('a', 'text'), column('b', 'int')];
  return {
    ...{ settings: config.table('d.t')!, schema: rowSchema({ table: 'd.t', columns, key: ['a', 'b'] }) },
    ...{ keyColumns: ['a', 'b'], flavour: 'mysql', sourceColumns: [], engine: 'InnoDB' },
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

  it('gives every reading where a pattern leaves it open', () => {
    const parser = new RedisKeyParser(plan('{ key: "{a}-{b}" }'));
    expect(parser.keysOf('x-1--2')).toEqual([
      { a: 'x-1', b: -2 },
      { a: 'x-1-', b: 2 },
    ]);
    expect(parser.keysOf('1-2-3')).toEqual([{ a: '1-2', b: 3 }]);
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
