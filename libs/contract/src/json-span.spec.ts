import fc from 'fast-check';
import { memberRanges, memberTexts } from './json-span';

/** JSON text with white space and escapes wherever the grammar lets them be, and each member's exact text. */
const space = fc.string({ unit: fc.constantFrom(' ', '\n', '\t', '\r'), maxLength: 3 });
const escaped = fc
  .tuple(fc.string({ unit: 'grapheme', maxLength: 8 }), fc.boolean())
  .map(([text, hard]) =>
    hard
      ? `"${Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')}"`
      : JSON.stringify(text),
  );
const tricky = fc.constantFrom('"\\\\"', '"\\""', '"},\\"after\\":1"', '"[{"', '""', '"\\\\\\""');
const scalar = fc.oneof(
  fc.constantFrom('null', 'true', 'false', '-0', '1e400', '-1.5E-3', '12345678901234567890'),
  escaped,
  tricky,
);
const { value: anyJson } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc
      .array(fc.tuple(space, tie('value'), space), { maxLength: 3 })
      .map((items) => `[${items.map((parts) => parts.join('')).join(',')}]`),
    fc
      .array(fc.tuple(space, escaped, space, space, tie('value'), space), { maxLength: 3 })
      .map(
        (items) =>
          `{${items.map(([a, name, b, c, item, d]) => `${a}${name}${b}:${c}${item}${d}`).join(',')}}`,
      ),
  ),
}));
const memberNames = fc.constantFrom(
  '"before"',
  '"after"',
  '"\\u0061fter"',
  '"be\\u0066ore"',
  '"op"',
  '"__proto__"',
);
const object = fc.array(fc.tuple(space, memberNames, space, space, anyJson, space), { maxLength: 6 });

describe('memberTexts', () => {
  it('R10: finds the texts of members as they stand, whatever spaces, escapes and repeats surround them', () => {
    fc.assert(
      fc.property(space, object, space, (head, members, tail) => {
        const inner = members.map(([a, name, b, c, item, d]) => `${a}${name}${b}:${c}${item}${d}`).join(',');
        const json = `${head}{${inner}}${tail}`;
        const reference: Record<string, string> = {};
        for (const [, name, , , item] of members) {
          const plain = JSON.parse(name) as string;
          if (plain === 'before' || plain === 'after') reference[plain] = item;
        }
        expect(() => JSON.parse(json) as unknown).not.toThrow();
        expect(memberTexts(json, ['before', 'after'])).toEqual(reference);
      }),
      { numRuns: 500 },
    );
  });

  it('gives byte positions for the latin1 reading of UTF-8 bytes', () => {
    const value = Buffer.from('{"x":"ÄÖ😀\\"","after":{"a":"é"}}');
    const [range] = memberRanges(value.toString('latin1'), ['after']);
    expect(value.subarray(...range!).toString('utf8')).toBe('{"a":"é"}');
  });

  it('refuses to go deeper than told', () => {
    const nested = (depth: number) => `{"x":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    expect(memberRanges(nested(64), ['x'], 64)).toHaveLength(1);
    expect(() => memberRanges(nested(65), ['x'], 64)).toThrow(RangeError);
    expect(() => memberRanges(nested(1_000_000), ['x'], 64)).toThrow(RangeError);
  });
});
