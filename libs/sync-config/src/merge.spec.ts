import { parseSyncConfig } from './load';
import { overlap } from '@tributary/kernel';

const columnsOf = (table: string, ...entries: string[]) => {
  const { exclude, rename, mask } = parseSyncConfig(`tables: [${entries.join(', ')}]`).table(table)!;
  return { exclude, rename, mask };
};

const faultOf = (...entries: string[]): string => {
  try {
    parseSyncConfig(`tables:\n${entries.map((entry) => `  - ${entry}\n`).join('')}`, 'f.yaml');
  } catch (error) {
    return (error as Error).message.split('\n').slice(1).join('\n');
  }
  return '';
};

describe('R14: what several entries say of one table', () => {
  const pattern =
    '{ table: shop.*, columns: { exclude: [iban], rename: { id: key }, mask: { email: sha256 } } }';

  it('an exact entry adds to its pattern, in either order', () => {
    const exact =
      '{ table: shop.customers, columns: { exclude: [notes], rename: { name: label }, mask: { phone: last4 } } }';
    for (const entries of [
      [pattern, exact],
      [exact, pattern],
    ]) {
      const found = columnsOf('shop.customers', ...entries);
      expect({ ...found, exclude: [...found.exclude].sort() }).toEqual({
        exclude: ['iban', 'notes'],
        rename: { id: 'key', name: 'label' },
        mask: { email: 'sha256', phone: 'last4' },
      });
    }
  });

  it('an entry that says nothing, or says it empty, takes nothing back', () => {
    for (const columns of ['{}', '{ exclude: [], rename: {}, mask: {} }'])
      expect(columnsOf('shop.customers', pattern, `{ table: shop.customers, columns: ${columns} }`)).toEqual({
        exclude: ['iban'],
        rename: { id: 'key' },
        mask: { email: 'sha256' },
      });
  });

  it('patterns that overlap add to each other', () => {
    const both = [
      '{ table: a.*, columns: { mask: { x: redact } } }',
      '{ table: "*.t", columns: { exclude: [y] } }',
    ];
    expect(columnsOf('a.t', ...both)).toEqual({ exclude: ['y'], rename: {}, mask: { x: 'redact' } });
    expect(columnsOf('a.u', ...both)).toEqual({ exclude: [], rename: {}, mask: { x: 'redact' } });
  });

  it('the stricter of two masks holds, and excluded is stricter than both', () => {
    const of = (first: string, second: string) =>
      columnsOf('a.t', `{ table: a.*, columns: ${first} }`, `{ table: a.t, columns: ${second} }`);
    for (const kinds of [
      ['last4', 'sha256', 'sha256'],
      ['sha256', 'last4', 'sha256'],
      ['redact', 'sha256', 'redact'],
      ['last4', 'redact', 'redact'],
    ])
      expect(of(`{ mask: { x: ${kinds[0]} } }`, `{ mask: { x: ${kinds[1]} } }`).mask).toEqual({
        x: kinds[2],
      });
    for (const [first, second] of [
      ['{ exclude: [x] }', '{ mask: { x: last4 }, rename: { x: z } }'],
      ['{ mask: { x: last4 }, rename: { x: z } }', '{ exclude: [x] }'],
    ])
      expect(of(first!, second!)).toEqual({ exclude: ['x'], rename: {}, mask: {} });
  });

  it('a column is one column however its letters are written, as on the server', () => {
    expect(
      columnsOf(
        'a.t',
        '{ table: a.*, columns: { mask: { Email: redact } } }',
        '{ table: a.t, columns: { mask: { email: last4 } } }',
      ).mask,
    ).toEqual({ Email: 'redact' });
    expect(
      columnsOf(
        'a.t',
        '{ table: a.*, columns: { exclude: [Email] } }',
        '{ table: a.t, columns: { mask: { email: last4 } } }',
      ),
    ).toEqual({ exclude: ['Email'], rename: {}, mask: {} });
  });

  it.each([
    [
      'renamed twice',
      ['{ table: a.*, columns: { rename: { x: y } } }', '{ table: a.t, columns: { rename: { x: z } } }'],
      'f.yaml:3:40: tables.1.columns.rename.x: x is renamed to z here and to y by the entry a.*',
    ],
    [
      'two columns under one name',
      ['{ table: a.*, columns: { rename: { x: y } } }', '{ table: a.t, columns: { rename: { w: y } } }'],
      'f.yaml:3:40: tables.1.columns.rename.w: w is renamed to y here, and x by the entry a.*',
    ],
    [
      'renamed twice by patterns that overlap',
      ['{ table: a.*, columns: { rename: { x: y } } }', '{ table: "*.t", columns: { rename: { x: z } } }'],
      'tables.1.columns.rename.x: x is renamed to z here and to y by the entry a.*',
    ],
    [
      'a key column that a pattern excludes',
      ['{ table: a.*, columns: { exclude: [x] } }', '{ table: a.t, key: [x] }'],
      'f.yaml:3:19: tables.1.key: x is excluded by the entry a.*',
    ],
    [
      'a key column that a pattern masks',
      ['{ table: a.*, columns: { mask: { x: redact } } }', '{ table: a.t, key: [x] }'],
      'f.yaml:3:19: tables.1.key: x is masked by the entry a.*',
    ],
    [
      'a mask taken back',
      ['{ table: a.*, columns: { mask: { x: redact } } }', '{ table: a.t, columns: { mask: { x: null } } }'],
      'f.yaml:3:38: tables.1.columns.mask.x: must be sha256, redact or last4; no entry can take a mask back',
    ],
  ])('%s is refused with line and column', (_, entries, message) => {
    expect(faultOf(...entries)).toContain(message);
  });

  it('entries that meet at no table do not disturb each other', () => {
    expect(
      faultOf(
        '{ table: a.x*, columns: { rename: { x: y } } }',
        '{ table: a.y*, columns: { rename: { x: z } } }',
        '{ table: b.t, columns: { rename: { x: w } } }',
      ),
    ).toBe('');
  });
});

it.each([
  ['a.*', 'a.t', true],
  ['a.*', '*.t', true],
  ['a.x*', 'a.*y', true],
  ['a.x*', 'a.y*', false],
  ['a*b', 'ab', true],
  ['a*b', 'a', false],
  ['*a*', '*b*', true],
  ['a.t', 'a.t', true],
  ['a.t', 'a.u', false],
  ['ab*', 'a*c*', true],
])('%s and %s have a name in common: %s', (a, b, expected) => {
  expect([overlap(a, b), overlap(b, a)]).toEqual([expected, expected]);
});
