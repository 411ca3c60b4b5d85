import { keyColumnsOf, maskedColumn, maskedEvent, maskedKey, maskedRow } from './masks';

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
    ['{"op":{"mail":"secret"},"ts_ms":["secret"]}'],
    ['{"source":{"db":"d","table":"t","mail":"secret"}}'],
    ['{"source":{"db":{"mail":"secret"}}}'],
    ['{"source":"secret"}'],
    ['{"secret":"secret"}'],
    ['["secret"]'],
    ['"secret"'],
    ['secret'],
    ['{"after":{"id":1,"mail":"secret"}'],
  ])('nothing of %s is shown but its key and its form', (value) => {
    expect(maskedEvent(value, ['id'])).not.toContain('secret');
  });

  it('of a source, what says where and when', () => {
    const source = { db: 'd', table: 't', ts_ms: 1, snapshot: 'false', seq: '7' };
    expect(JSON.parse(maskedEvent(JSON.stringify({ source, op: 'u', ts_ms: 2 }), [])!)).toEqual({
      ...{ source, op: 'u', ts_ms: 2 },
    });
  });

  it('leave a message key, and nothing of what is none', () => {
    const key = '{"table":"d.t","key":{"id":7}}';
    expect([maskedKey(key), maskedKey(null)]).toEqual([key, null]);
    for (const odd of [
      ...['secret', '"secret"', '{"mail":"secret"}', '["secret"]', '{"table":"d.t","key":"secret"}', 'null'],
      ...['{"table":"d.t","key":{"id":7},"mail":"secret"}', '{"table":"d.t","key":{"id":{"mail":"secret"}}}'],
    ])
      expect(maskedKey(odd)).toBe('***');
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
