import { ago, count, duration, percent, perSecond, valueText } from './format';

test.each([
  [null, '–'],
  [0, '0 s'],
  [0.44, '0.4 s'],
  [9.96, '10 s'],
  [59.6, '1 min'],
  [125, '2 min 5 s'],
  [3_600, '1 h'],
  [3_599.7, '1 h'],
  [7_260, '2 h 1 min'],
  [90_000, '1 d 1 h'],
])('a lag of %p seconds reads %p', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test('what is not known is not shown as zero', () => {
  expect([count(null), perSecond(null), duration(null)]).toEqual(['–', '–', '–']);
  expect([count(0), perSecond(0)]).toEqual(['0', '0/s']);
});

test.each([
  [0.04, '0/s'],
  [3.26, '3.3/s'],
  [12_345.6, '12,346/s'],
])('a rate of %p reads %p', (rate, text) => {
  expect(perSecond(rate)).toBe(text);
});

test('a job is at 100 percent only when it has ended, however wrong the estimate was', () => {
  expect(percent(120, 100, false)).toBe(99);
  expect(percent(0, 0, false)).toBe(0);
  expect(percent(0, 0, true)).toBe(100);
});

test('how long ago', () => {
  expect(ago('2026-11-29T10:00:00Z', new Date('2026-11-29T10:01:30Z'))).toBe('1 min 30 s ago');
  expect(ago('2026-11-29T10:00:02Z', new Date('2026-11-29T10:00:00Z'))).toBe('now');
});

test('NULL, the text NULL, an empty text and a value that is not there can be told apart', () => {
  expect([null, undefined, '', 'a', 1, { a: [1] }].map(valueText)).toEqual([
    'NULL',
    '(absent)',
    '',
    'a',
    '1',
    '{"a":[1]}',
  ]);
});
