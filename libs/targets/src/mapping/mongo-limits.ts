/** Digits that a Decimal128 holds. */
export const DECIMAL128_DIGITS = 34;
/** Bits that a Long holds without its sign. */
export const LONG_BITS = 63;
/** Fractional digits of a second that a Date holds. */
export const DATE_DIGITS = 3;
