import type { Column } from '@tributary/change-event';
import { keyOrder, parseKeyBound, rangeCondition } from './key-range';

const column = (name: string, kind: Column['kind']): Column => ({
  name,
  field: name,
  kind,
  sourceKind: kind,
  sqlType: kind,
  nullable: false,
});

describe('key ranges', () => {
  const id = [column('id', 'bigint')];
  const pair = [column('a', 'int'), column('b', 'binary')];

  it('is open where a bound is null', () => {
    expect(rangeCondition(id, null, null)).toBe('TRUE');
    expect(rangeCondition(id, ['5'], null)).toBe('(`id` > 5)');
    expect(rangeCondition(id, ['5'], ['9'])).toBe('(`id` > 5) AND (`id` <= 9)');
  });

  it('compares composite keys part by part, the lower bound exclusive, the upper inclusive', () => {
    expect(rangeCondition(pair, ['1', 'AA'], ['2', 'BB'])).toBe(
      "(`a` >= 1 AND (`a` > 1 OR (`b` > X'AA'))) AND (`a` <= 2 AND (`a` < 2 OR (`b` <= X'BB')))",
    );
  });

  it('compares ENUM and SET by number, as they sort', () => {
    const members = [column('e', 'enum')];
    expect(keyOrder(members)).toBe('(`e` + 0)');
    expect(rangeCondition(members, ['2'], null)).toBe('((`e` + 0) > 2)');
  });

  it('lets nothing into the SQL that is not of its type', () => {
    expect(() => rangeCondition(id, ['1 OR 1=1'], null)).toThrow(RangeError);
    expect(() => rangeCondition([column('e', 'enum')], ["1'"], null)).toThrow(RangeError);
  });

  it('reads a stored bound, and refuses what is none', () => {
    expect(parseKeyBound(null)).toBeNull();
    expect(parseKeyBound('["1","x"]')).toEqual(['1', 'x']);
    expect(() => parseKeyBound('{"a":1}')).toThrow('not a list');
  });
});
