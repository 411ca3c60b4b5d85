import { bytesCrc, header, headerText, rowCodec, type RowSchema } from '@tributary/contract';
import { EventEncoder, newTrace } from './event-encoder';

const column = (name: string, sourceKind: 'int' | 'text') => ({
  ...{ name, field: name, sourceKind, kind: sourceKind, sqlType: sourceKind, nullable: true },
});
const schema = {
  ...{ table: 'dä.t', fingerprint: 'f'.repeat(16), key: ['id'] },
  columns: [column('id', 'int'), column('v', 'text')],
} as unknown as RowSchema;

describe('event encoder', () => {
  const encoder = new EventEncoder('préfixe', schema, 7);
  const codec = rowCodec(schema);
  const row = (id: number, v: string | null) => codec.row([String(id), v]);
  const encode = (before: string, after: string | readonly Buffer[], id = 1n) =>
    encoder.record(
      { op: 'u', key: codec.key(['1']), before, after, id, atMs: 1, snapshot: false },
      newTrace(),
      2,
    );

  it('R10: the checksum is that of the images as they stand in the value', () => {
    for (const v of [null, '', 'plain', 'é', '😀"\\\n\0', 'x'.repeat(50_000), 'é'.repeat(200_000)])
      for (const before of ['null', row(1, v), row(1, 'ü')])
        for (const after of ['null', row(1, v)]) {
          const record = encode(before, after);
          const value = record.value as Buffer;
          const { before: was, after: is } = JSON.parse(value.toString('utf8')) as Record<string, unknown>;
          expect([was, is]).toEqual([JSON.parse(before), JSON.parse(after)]);
          expect(headerText(record.headers!, header.crc)).toBe(bytesCrc(value));
        }
  });

  it('values that are written one behind the other keep their bytes', () => {
    const texts = Array.from({ length: 3_000 }, (_, id) => row(id, 'é'.repeat(id % 700)));
    const values = texts.map((text) => encode('null', text).value as Buffer);
    values.forEach((value, at) => expect(value.includes(texts[at]!)).toBe(true));
  });

  it('a row in pieces has the value and the checksum of the whole', () => {
    const after = row(1, 'é'.repeat(9));
    const pieces = encode('null', [Buffer.from(after)]);
    const whole = encode('null', after);
    expect(Buffer.concat(pieces.value as Buffer[])).toEqual(whole.value);
    expect(pieces.headers![header.crc]).toBe(whole.headers![header.crc]);
  });

  it('R4: each record has the version of its own id', () => {
    const versions = [3n, 3n, 4n, 3n].map((id) =>
      headerText(encode('null', row(1, 'x'), id).headers!, header.version),
    );
    expect(versions.map((version) => version?.slice(-2))).toEqual(['03', '03', '04', '03']);
    expect(versions.every((version) => version?.startsWith('0007'))).toBe(true);
  });
});
