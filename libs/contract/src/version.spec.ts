import fc from 'fast-check';
import {
  formatVersion,
  isNewer,
  MAX_EPOCH,
  parseVersion,
  versionNumber,
  versionOfNumber,
  versionParts,
} from './version';

const epochs = fc.integer({ min: 0, max: MAX_EPOCH });
const ids = fc.bigInt({ min: 0n, max: 10n ** 15n - 1n });

describe('versions', () => {
  it('R4: text order is the order of epoch, then log id', () => {
    fc.assert(
      fc.property(epochs, ids, epochs, ids, (epochA, idA, epochB, idB) => {
        const [a, b] = [formatVersion(epochA, idA), formatVersion(epochB, idB)];
        const expected =
          epochA === epochB ? (idA === idB ? 0 : idA < idB ? -1 : 1) : epochA < epochB ? -1 : 1;
        expect(isNewer(a, b) ? 1 : isNewer(b, a) ? -1 : 0).toBe(expected);
        expect(versionNumber(a) > versionNumber(b)).toBe(expected > 0);
      }),
    );
  });

  it('R4: every version has 19 digits, fits a signed 64-bit integer and reads back', () => {
    fc.assert(
      fc.property(epochs, ids, (epoch, id) => {
        const version = formatVersion(epoch, id);
        expect(version).toMatch(/^\d{19}$/);
        expect(versionNumber(version) < 2n ** 63n).toBe(true);
        expect(versionOfNumber(versionNumber(version))).toBe(version);
        expect(parseVersion(version)).toBe(version);
        expect(versionParts(version)).toEqual({ epoch, id });
      }),
    );
  });

  it.each([
    [-1, 0n],
    [MAX_EPOCH + 1, 0n],
    [0.5, 0n],
    [0, -1n],
    [0, 10n ** 15n],
  ])('refuses epoch %s with id %s', (epoch, id) => {
    expect(() => formatVersion(epoch, id)).toThrow(RangeError);
  });

  it.each([-1n, 2n ** 63n, 10n ** 19n])('the number %s is no version', (number) => {
    expect(versionOfNumber(number)).toBeUndefined();
  });

  it('reads only 19 digits that fit', () => {
    expect(parseVersion('9223372036854775807')).toBe('9223372036854775807');
    for (const text of [
      undefined,
      '',
      '1',
      '9223372036854775808',
      '٣000000000000000000',
      '-223372036854775807',
      ' 123456789012345678',
    ])
      expect(parseVersion(text)).toBeUndefined();
  });
});
