import type { Column, WireRow } from '@tributary/contract';
import { column, schemaOf, settingsOf } from '../../mapping/columns.fixture';
import { mongoParts } from './mongo-parts';

const table = (columns: Column[], entry?: string) => ({
  settings: settingsOf(entry),
  schema: schemaOf(
    columns,
    columns.map(({ field }) => field),
  ),
});
const byId = (kind: Column['kind']) => table([column('id', kind)]);
const filters = (parts: readonly string[]) => parts.map((part) => JSON.parse(part) as object);
const int = (digits: string) => ({ $numberInt: digits });

describe('parts of a collection', () => {
  it('are one without bounds', () => {
    expect(filters(mongoParts(byId('int'), []))).toEqual([{}]);
  });

  it('are ranges and whatever has an _id of another type', () => {
    expect(filters(mongoParts(byId('int'), [{ id: 10 }, { id: 20 }]))).toEqual([
      { _id: { $lte: int('10') } },
      { _id: { $gt: int('10'), $lte: int('20') } },
      { _id: { $gt: int('20') } },
      { $nor: [{ _id: { $lte: int('10') } }, { _id: { $gt: int('10') } }] },
    ]);
  });

  it.each<[string, Column['kind'], WireRow[], unknown[]]>([
    ['texts by their bytes', 'text', ['b', 'ä', 'A'].map((id) => ({ id })), ['A', 'b', 'ä']],
    ['bytes by their length first', 'binary', ['/w==', 'AAA='].map((id) => ({ id })), ['/w==', 'AAA=']],
  ])('have %s, as MongoDB sorts', (_, kind, keys, order) => {
    const uppers = filters(mongoParts(byId(kind), keys)).flatMap((filter) => {
      const { $lte } = ((filter as { _id?: { $lte?: unknown } })._id ?? {}) as { $lte?: unknown };
      return $lte === undefined
        ? []
        : [typeof $lte === 'string' ? $lte : ($lte as { $binary: { base64: string } }).$binary.base64];
    });
    expect(uppers).toEqual(order);
  });

  it('are one where _ids are sub-documents', () => {
    const columns = [column('a', 'int'), column('b', 'int')];
    expect(filters(mongoParts(table(columns, 'mongo: { id: document }'), [{ a: 1, b: 2 }]))).toEqual([{}]);
    expect(mongoParts(table(columns), [{ a: 1, b: 2 }])).toHaveLength(3);
  });
});
