import fc from 'fast-check';

/** What JSON is made of, and what is none. */
const texts = [
  '"',
  '\\',
  '\\u0041',
  '{',
  '}',
  '{}',
  ',',
  ':',
  '0',
  '9',
  '-',
  '.',
  'Z',
  ' ',
  'null',
  '"7"',
  '1e1',
];
const pieces = fc.oneof(
  fc.uint8Array({ maxLength: 2 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(...texts).map((text) => Buffer.from(text)),
);

/** A JSON text (at least a byte) with up to two bytes taken out at one place, and something else put there. */
export const damagedBytes = (text: Buffer) =>
  fc
    .tuple(fc.nat(text.length - 1), fc.nat(2), pieces)
    .map(([at, gone, come]) => Buffer.concat([text.subarray(0, at), come, text.subarray(at + gone)]));
