import { count, duration, percent } from './format';
import { tableText } from './table';

const rows = [
  { name: 'a', n: 1 },
  { name: 'longer', n: 1000 },
];
const columns = [
  { head: 'name', value: ({ name }: (typeof rows)[0]) => name },
  { head: 'n', value: ({ n }: (typeof rows)[0]) => count(n), right: true },
];

describe('tables', () => {
  it('are plain aligned columns when piped', () => {
    expect(tableText(columns, rows, false)).toBe('name        n\na           1\nlonger  1,000');
  });

  it('write control characters out, which could steer a terminal', () => {
    const text = tableText(columns, [{ name: '\u001b[2J\n\u202e', n: 1 }], false);
    expect(text.split('\n')).toHaveLength(2);
    expect(text).toContain('\\u001b[2J\\u000a\\u202e');
  });

  it('are framed on a terminal', () => {
    expect(tableText(columns, rows, true)).toContain('│');
  });
});

describe('figures', () => {
  it.each([
    [0.04, '0.0 s'],
    [42.4, '42 s'],
    [185, '3 min 5 s'],
    [7_800, '2 h 10 min'],
    [273_600, '3 d 4 h'],
    [Infinity, '-'],
    [null, '-'],
  ])('%s seconds read %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });

  it('percent never rounds up to done', () => {
    expect([percent(999, 1000, true), percent(0, 0, true), percent(5, 3, true)]).toEqual([
      '99 %',
      '100 %',
      '100 %',
    ]);
    expect([percent(1, 1000, false), percent(0, 0, false), percent(5, 3, false)]).toEqual([
      '0 %',
      '99 %',
      '99 %',
    ]);
  });
});
