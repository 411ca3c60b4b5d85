import fc from 'fast-check';
import { namePattern } from './name-pattern';

describe('patterns of names', () => {
  it.each([
    ['shop.*', 'shop.orders', true],
    ['shop.*', 'other.orders', false],
    ['*.orders', 'shop.orders', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'acb', false],
    ['*b*b', 'b', false],
    ['a.b', 'axb', false],
    ['**', '', true],
    ['*1*2*', 'x1y2z', true],
  ])('%s and %s: %p', (pattern, name, fits) => {
    expect(namePattern(pattern).test(name)).toBe(fits);
  });

  it('mean what the plain expression means', () => {
    const text = (signs: string) => fc.string({ unit: fc.constantFrom(...signs), maxLength: 8 });
    fc.assert(
      fc.property(text('ab*'), text('ab'), (pattern, name) => {
        const plain = new RegExp(`^${pattern.replaceAll('*', '.*')}$`, 's');
        expect(namePattern(pattern).test(name)).toBe(plain.test(name));
      }),
    );
  });

  it('take no time to speak of, whatever somebody asks for', () => {
    const began = performance.now();
    expect(namePattern(`${'a*'.repeat(100)}b`).test('a'.repeat(250))).toBe(false);
    expect(namePattern(`${'*'.repeat(250)}b`).test('a'.repeat(250))).toBe(false);
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});
