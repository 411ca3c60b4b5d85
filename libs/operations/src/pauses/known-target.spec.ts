import { requireTarget } from './known-target';

test('a target that there is none of is refused by name', () => {
  expect(() => requireTarget('postgres')).toThrow(expect.objectContaining({ code: 'USAGE' }));
  expect(() => requireTarget('constructor')).toThrow(/mongo, redis/);
  for (const known of ['mongo', 'redis', undefined]) requireTarget(known);
});
