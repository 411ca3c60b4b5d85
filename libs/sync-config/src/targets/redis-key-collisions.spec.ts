import { keyCollisions } from '.';
import { parseSyncConfig } from '../load';

const pairs = (...entries: string[]) => {
  const config = parseSyncConfig(`tables: [${entries.join(', ')}]`);
  return keyCollisions(config.tablePatterns.map((table) => config.table(table)!)).map(
    ({ table, other }) => `${table} ${other}`,
  );
};

describe('R14: two tables whose rows can have one Redis key', () => {
  it.each<[string, string, string]>([
    [
      'the same pattern',
      '{ table: d.a, redis: { key: "x:{id}" } }',
      '{ table: d.b, redis: { key: "x:{id}" } }',
    ],
    [
      'other columns',
      '{ table: d.a, redis: { key: "x:{p}:{q}" } }',
      '{ table: d.b, redis: { key: "{r}:s:{t}" } }',
    ],
    ['a pattern like the default of another', '{ table: d.a, redis: { key: "d:b:{id}" } }', '{ table: d.b }'],
    ['a place like the name of another', '{ table: d.a, redis: { key: "{p}:{q}:{r}" } }', '{ table: d.b }'],
    ['names with colons', '{ table: "a:b.c" }', '{ table: "a.b:c" }'],
    [
      'a column of one like a row of the other',
      '{ table: d.a, redis: { key: "x:{p}", as: fields } }',
      '{ table: d.b, redis: { key: "x:{p}:{q}" } }',
    ],
  ])('%s', (_, a, b) => {
    expect(pairs(a, b)).toHaveLength(1);
  });

  it.each<[string, string, string]>([
    ['defaults', '{ table: d.a }', '{ table: d.ab }'],
    [
      'other beginnings',
      '{ table: d.a, redis: { key: "x:{id}" } }',
      '{ table: d.b, redis: { key: "y:{id}" } }',
    ],
    [
      'other numbers of colons',
      '{ table: d.a, redis: { key: "x:{p}" } }',
      '{ table: d.b, redis: { key: "x:{p}:{q}" } }',
    ],
    [
      'one is not in Redis',
      '{ table: d.a, redis: { key: "x:{id}" } }',
      '{ table: d.b, redis: { key: "x:{id}", enabled: false } }',
    ],
    ['names with colons apart', '{ table: "a:b.c" }', '{ table: "a.c:b" }'],
  ])('is not: %s', (_, a, b) => {
    expect(pairs(a, b)).toEqual([]);
  });
});
