import { readDeadLetter } from './read-dead-letter';

const deadLetter = (key: string | null, value: string | null, headers = {}) =>
  readDeadLetter({ id: '0:1', headers, key, value, masked: true });

test('table and key of a dead letter lead to its row', () => {
  const key = '{"table":"shop.lines","key":{"order_id":"7","line":2}}';
  expect(deadLetter(key, '{"op":"u"}', { 'dlq.code': 'INVALID_ROW', 'dlq.reason': 'too long' })).toEqual({
    code: 'INVALID_ROW',
    reason: 'too long',
    table: 'shop.lines',
    key: { order_id: '7', line: 2 },
    text: '{\n  "op": "u"\n}',
  });
});

test.each([['not json'], ['null'], ['[]'], ['{"table":5,"key":"x"}'], [null]])(
  'a dead letter whose key is %p leads nowhere and does no harm',
  (key) => {
    expect(deadLetter(key, 'also not json')).toMatchObject({
      table: undefined,
      key: undefined,
      text: 'also not json',
    });
  },
);

test('digits that JavaScript would lose are shown as they were sent', () => {
  expect(deadLetter(null, '{"id":9007199254740993}').text).toBe('{"id":9007199254740993}');
});
