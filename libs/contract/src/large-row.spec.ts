import fc from 'fast-check';
import type { Column } from './column';
import { cellText, imageText, largeRowEncoder, type RawCell } from './large-row';
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

const text = fc.array(fc.string({ unit: 'binary' }).map((value) => Buffer.from(value)));
const bytes = fc
  .tuple(fc.array(fc.uint8Array({ minLength: 6, maxLength: 6 })), fc.uint8Array())
  .map(([pieces, last]) => [...pieces, last].map((piece) => Buffer.from(piece)));

describe('largeRowEncoder', () => {
  it('R9: gives the text of the row codec, whatever the pieces', () => {
    fc.assert(
      fc.property(bytes, text, text, text, (b, t, j, m) => {
        const cells: RawCell[] = ['1', b, t, j, m];
        const texts = cells.map((cell, at) => cellText(schema.columns[at]!, cell));
        expect(imageText(encode(cells))).toBe(rowCodec(schema).row(texts));
      }),
    );
  });

  it('leaves a row without large values to the row codec', () => {
    expect(encode(['1', null, 'é', null, null])).toBe('{"id":1,"b":null,"t":"é","j":null,"m":null}');
  });
});
