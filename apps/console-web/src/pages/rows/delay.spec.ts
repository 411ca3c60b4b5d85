import { delayOf } from './delay';

const at = (second: number) => new Date(second * 1_000).toISOString();

test('a step that is not done yet is no delay', () => {
  expect(delayOf(at(1), null)).toBe('not yet');
});

test('a clock that is behind makes no negative delay', () => {
  expect(delayOf(at(5), at(4))).toBe('0 s later');
  expect(delayOf(at(4), at(5.5))).toBe('1.5 s later');
});
