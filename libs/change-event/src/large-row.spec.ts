import fc from 'fast-check';
import type { Column } from './column';
import { cellText, largeRowEncoder, type RawCell } from './large-row';
import { rowSchema } from './row-schema';
import { rowCodec } from './wire-encoder';

const column = (name: string, kind: Column['kind'], more: Partial<Column> = {}): Column => ({
  ...{ name, field: name, kind, sourceKind: kind, sqlType: kind, nullable: true },
  ...more,
});
const schema = rowSchema({
  table: 'a.b',
  key: ['id'],
  columns: [
    column('id', 'int'),
    column('b', 'binary'),
    column('t', 'text'),
    column('j', 'json'),
    column('m', 'text', { mask: 'last4' }),
  ],
});
const encode = largeRowEncoder(schema);

/** The image of a row with large cells, and the one that the row codec makes of the same cells as texts. */
function both(cells: RawCell[]): [string, string] {
  const image = encode(cells);
  const text = typeof image === 'string' ? image : Buffer.concat(image).toString('utf8');
  return [text, rowCodec(schema).row(cells.map((cell, at) => cellText(schema.columns[at]!, cell)))];
}

describe('largeRowEncoder', () => {
  it('R9: gives the text of the row codec', () => {
    const text = fc.string({ unit: 'binary' }).map((value) => Buffer.from(value));
    const bytes = fc.uint8Array().map((value) => Buffer.from(value));
    fc.assert(
      fc.property(bytes, text, text, text, (b, t, j, m) => {
        const [large, small] = both(['1', b, t, j, m]);
        expect(large).toBe(small);
      }),
    );
  });

  it.each([0, 1, 2, 3])('R9: a character may stand across the border of two pieces (%d)', (shift) => {
    const text = Buffer.from('x'.repeat((3 << 18) - shift) + '🎁"\n'.repeat(300_000));
    const [large, small] = both(['1', text, text, null, text]);
    expect(large === small).toBe(true);
    expect(JSON.parse(large)).toMatchObject({
      t: text.toString('utf8'),
      b: text.toString('base64'),
      j: null,
    });
  });

  it('leaves a row without large cells to the row codec', () => {
    expect(encode(['1', null, 'é', null, null])).toBe('{"id":1,"b":null,"t":"é","j":null,"m":null}');
  });
});
