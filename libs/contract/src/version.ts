/**
 * Row versions (R4): `(epoch, log id)` as 19 decimal digits, 4 of epoch and 15 of id. The fixed width makes
 * text order equal numeric order (Redis compares text), and the largest value fits a signed 64-bit integer
 * (MongoDB compares Long). No double ever holds a version.
 */
const ID_DIGITS = 15;
const ID_LIMIT = 10n ** BigInt(ID_DIGITS);
export const MAX_EPOCH = 9222;

declare const brand: unique symbol;

/** A row version as text; `isNewer` compares, and so does whatever compares texts. */
export type Version = string & { readonly [brand]: 'Version' };

const VERSION_PATTERN = /^\d{19}$/;
const LONG_MAX = '9223372036854775807';

/** Throws a RangeError when the epoch or the id does not fit; both bounds are centuries away at any real rate. */
export function formatVersion(epoch: number, id: bigint | string): Version {
  const number = BigInt(id);
  if (!Number.isInteger(epoch) || epoch < 0 || epoch > MAX_EPOCH || number < 0n || number >= ID_LIMIT)
    throw new RangeError(
      `No version for epoch ${epoch}, log id ${number}: at most ${MAX_EPOCH} and 15 digits`,
    );
  return (String(epoch).padStart(4, '0') + String(number).padStart(ID_DIGITS, '0')) as Version;
}

/** Below every version that was ever given. */
export const NO_VERSION = formatVersion(0, 0n);

/** Reads a version header; `undefined` when it is not one. */
export function parseVersion(text: string | undefined): Version | undefined {
  return text !== undefined && VERSION_PATTERN.test(text) && text <= LONG_MAX ? (text as Version) : undefined;
}

/** As a target with numbers holds it: a signed 64-bit integer. */
export const versionNumber = (version: Version): bigint => BigInt(version);

/** The way back; `undefined` for a number that is no version. */
export const versionOfNumber = (number: bigint): Version | undefined =>
  parseVersion(String(number).padStart(NO_VERSION.length, '0'));

export const isNewer = (version: Version, than: Version): boolean => version > than;

/** Cheaper than its parts: asked of every row. */
export const versionEpoch = (version: Version): number => Number(version.slice(0, 4));

export function versionParts(version: Version): { epoch: number; id: bigint } {
  return { epoch: Number(version.slice(0, 4)), id: BigInt(version.slice(4)) };
}
