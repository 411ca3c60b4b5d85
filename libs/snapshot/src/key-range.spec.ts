import type { Column } from '@tributary/contract';
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
      "(`a` > 1 OR (`a` = 1 AND (`b` > X'AA'))) AND (`a` < 2 OR (`a` = 2 AND (`b` <= X'BB')))",
    );
  });

  it('compares ENUM and SET by number, as they sort', () => {
    const member = [{ ...column('e', 'enum'), values: ['z', 'y', 'x'] }];
    expect(keyOrder(member)).toBe('`e`');
    expect(rangeCondition(member, ['1'], ['3'])).toBe('(`e` IN (2, 3)) AND (`e` IN (0, 1, 2, 3))');
    expect(rangeCondition(member, ['3'], null)).toBe('(FALSE)');
    expect(rangeCondition([column('s', 'set')], ['2'], null)).toBe('((`s` + 0) > 2)');
  });

  it('lets nothing into the SQL that is not of its type', () => {
    expect(() => rangeCondition(id, ['1 OR 1=1'], null)).toThrow(RangeError);
    expect(() => rangeCondition([column('e', 'enum')], ["1'"], null)).toThrow(RangeError);
  });

  it('reads a stored bound, and refuses what is none', () => {
    expect(parseKeyBound(null, pair)).toBeNull();
    expect(parseKeyBound('["1","x"]', pair)).toEqual(['1', 'x']);
    for (const text of ['{"a":1}', '["1"', '["1"]', '["1","x","y"]'])
      expect(() => parseKeyBound(text, pair)).toThrow('not a key');
  });
});
