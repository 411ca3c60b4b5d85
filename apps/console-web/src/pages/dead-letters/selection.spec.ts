import type { DeadLetterGroup } from '@tributary/console-api';
import { lettersTaken } from './selection';

const group = (table: string | null, column: string | null, count: number, stage = 'validator') =>
  ({ code: 'INVALID_ROW', table, column, count, stage }) as DeadLetterGroup;

const groups = [group('a.b', 'x', 5), group('a.b', null, 3), group('a.c', 'x', 7), group(null, null, 1)];

test.each([
  [0, 5],
  [1, 8],
  [2, 7],
  [3, 16],
])('the filter of group %p takes %p letters', (at, letters) => {
  expect(lettersTaken(groups[at]!, groups)).toBe(letters);
});

test('letters that another stage rejected for the same cause are taken too', () => {
  expect(lettersTaken(groups[0]!, [...groups, group('a.b', 'x', 2, 'mongo-sink')])).toBe(7);
});

test('letters of another code are not', () => {
  const other = { ...group('a.b', 'x', 9), code: 'LOST' };
  expect(lettersTaken(groups[0]!, [...groups, other])).toBe(5);
});
