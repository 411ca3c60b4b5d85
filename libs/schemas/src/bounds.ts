import type { Column } from '@tributary/contract';

type Bounds = Pick<Column, 'min' | 'max' | 'unsigned'>;

/** Smallest and largest value of an integer column that is held as a number. */
export const integerBounds = ({ min, max, unsigned }: Bounds): [low: number, high: number] => [
  Number(min ?? (unsigned ? 0 : -(2 ** 31))),
  Number(max ?? (unsigned ? 2 ** 32 : 2 ** 31) - 1),
];

/** The same of a 64-bit column. */
export const bigintBounds = ({ min, max, unsigned }: Bounds): [low: bigint, high: bigint] => [
  BigInt(min ?? (unsigned ? 0 : -(2n ** 63n))),
  BigInt(max ?? (unsigned ? 2n ** 64n : 2n ** 63n) - 1n),
];
