import { keyColumnsOf, maskedColumn, maskedEvent, maskedRow } from './masks';

describe('masks', () => {
  it('leave the key columns, and of all others not even what is NULL', () => {
    expect(maskedRow({ id: 1, mail: 'x', gone: null }, ['id'])).toEqual({ id: 1, mail: '***', gone: '***' });
    expect(maskedRow(null, ['id'])).toBeNull();
  });

  it('stand for each side of a column that is there', () => {
    const column = { column: 'mail', source: 'x', target: undefined };
    expect(maskedColumn(column, ['id'])).toEqual({ column: 'mail', source: '***', target: undefined });
    const key = { column: 'id', source: '1' };
    expect(maskedColumn(key, ['id'])).toEqual({ column: 'id', source: '1' });
  });

  it.each([
    ['{"before":null,"after":{"id":1,"mail":"secret"},"op":"u","source":{"table":"t"},"ts_ms":1}'],
    ['{"after":"secret"}'],
    ['{"secret":"secret"}'],
    ['["secret"]'],
    ['"secret"'],
    ['secret'],
    ['{"after":{"id":1,"mail":"secret"}'],
  ])('nothing of %s is shown but its key and its form', (value) => {
    expect(maskedEvent(value, ['id'])).not.toContain('secret');
  });

  it('of an event its images keep their columns', () => {
    const masked = maskedEvent('{"before":null,"after":{"id":1,"mail":"x"},"op":"u"}', ['id']);
    expect(JSON.parse(masked!)).toEqual({ before: null, after: { id: 1, mail: '***' }, op: 'u' });
  });

  it('know the key columns of a message key, and none of anything else', () => {
    expect(keyColumnsOf('{"table":"d.t","key":{"a":1,"b":2}}')).toEqual(['a', 'b']);
    for (const odd of [null, '', '{', '1', '{"key":"a"}', '{"key":null}'])
      expect(keyColumnsOf(odd)).toEqual([]);
  });
});
