import fc from 'fast-check';
import { bytesCrc, imagesCrc, sameCrc, valueCrc } from './crc';

/** CRC-32 bit by bit (ISO 3309, the one of zlib and of MySQL's CRC32()). */
function slowCrc(bytes: Buffer): string {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ((crc ^ 0xffffffff) >>> 0).toString(16).padStart(8, '0');
}

describe('imagesCrc', () => {
  it('R10: is the CRC-32 of the UTF-8 bytes of both texts', () => {
    expect(imagesCrc('1234', '56789')).toBe('cbf43926'); // the check value of the CRC catalogue
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (before, after) => {
        expect(imagesCrc(before, after)).toBe(slowCrc(Buffer.from(before + after)));
      }),
    );
  });
});

describe('valueCrc and bytesCrc', () => {
  it('agree on any value, and an absent image counts as no bytes', () => {
    fc.assert(
      fc.property(fc.json(), fc.option(fc.json()), fc.json(), (before, after, other) => {
        const value = `{"x":${other}, "before" :${before}${after === null ? '' : `,"after":\n${after}`},"ü":"😀"}`;
        const expected = slowCrc(Buffer.from(before.trim() + (after ?? '').trim()));
        expect(valueCrc(value)).toBe(expected);
        expect(bytesCrc(Buffer.from(value))).toBe(expected);
      }),
    );
  });

  it('take a member spelled with escapes for what it is', () => {
    expect(valueCrc('{"before":null,"after":1,"\\u0061fter":2}')).toBe(imagesCrc('null', '2'));
  });
});

describe('sameCrc', () => {
  it.each([
    ['00abcdef', '00abcdef', true],
    ['00abcdef', 'abcdef', true],
    ['00abcdef', 'ABCDEF', false],
    ['00abcdef', '0abcdeff', false],
    ['00abcdef', '', false],
    ['00abcdef', undefined, false],
    ['00abcdef', '000abcdef', false],
  ])('%s and %s: %s', (a, b, same) => expect(sameCrc(a, b)).toBe(same));
});
