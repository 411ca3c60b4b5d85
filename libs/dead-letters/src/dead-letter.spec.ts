import { deadLetterOf } from './dead-letter';

const columnOf = (reason: string) =>
  deadLetterOf(0, {
    ...{ key: null, value: null, offset: '7', timestamp: '0' },
    headers: { 'dlq.reason': reason },
  }).column;

describe('the column that a dead letter is about', () => {
  it.each([
    ['after.price has more than 4 digits', 'price'],
    ['key.id is null in a NOT NULL column', 'id'],
    ['before."odd \\"name\\"" is missing', 'odd \\"name\\"'],
    ['after.x is no column of this schema', 'x'],
    ['key column user_id differs between the key and the row', 'user_id'],
    ['the row image lacks the column n', 'n'],
    ['a value does not have the form of its column: RangeError', null],
    ['the checksum differs', null],
  ])('%s: %p', (reason, column) => {
    expect(columnOf(reason)).toBe(column);
  });
});
