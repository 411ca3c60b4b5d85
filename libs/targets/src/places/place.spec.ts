import { parseSyncConfig } from '@tributary/sync-config';
import { redisPlace as placeOf } from '../redis/redis-place';
import { collide } from './place';

const redisPlace = (table: string, redis = '') =>
  placeOf(parseSyncConfig(`tables: [{ table: ${table}, redis: { ${redis} } }]`).table(table)!);

describe('R4: places in Redis collide where their keys meet', () => {
  it.each([
    ['the same table', redisPlace('a.t'), redisPlace('a.t'), true],
    ['another table', redisPlace('a.t'), redisPlace('a.u'), false],
    ['a name that goes on', redisPlace('a.t'), redisPlace('a.tt'), false],
    [
      'one key pattern, other sets',
      redisPlace('a.t', 'key: "u:{id}", index: x'),
      redisPlace('b.t', 'key: "u:{id}", index: y'),
      true,
    ],
    [
      'other names of the column',
      redisPlace('a.t', 'key: "u:{id}", index: x'),
      redisPlace('b.t', 'key: "u:{no}", index: y'),
      true,
    ],
    [
      'one set, other patterns',
      redisPlace('a.t', 'key: "u:{id}", index: x'),
      redisPlace('b.t', 'key: "v:{id}", index: x'),
      true,
    ],
    [
      'a pattern within another',
      redisPlace('a.t', 'key: "u:{id}", index: x'),
      redisPlace('b.t', 'key: "u:{id}:o", index: y'),
      false,
    ],
    ['a pattern over default keys', redisPlace('a.t'), redisPlace('b.t', 'key: "a:t:{id}", index: y'), true],
    ['wide patterns', redisPlace('a.t'), redisPlace('b.t', 'key: "{x}:{y}:{z}", index: y'), true],
    ['no colon in a value', redisPlace('a.t'), redisPlace('b.t', 'key: "{x}", index: y'), false],
    [
      'columns of the layout fields',
      redisPlace('a.t', 'as: fields, key: "u:{id}", index: x'),
      redisPlace('b.t', 'key: "u:{id}:name", index: y'),
      true,
    ],
    ['a set where rows stand', redisPlace('a.t'), redisPlace('b.t', 'key: "q:{id}", index: "a:t:5"'), true],
  ])('%s', (_what, a, b, expected) => {
    expect([collide(a, b), collide(b, a)]).toEqual([expected, expected]);
  });
});
