import { byteLength, type OutRecord } from '@tributary/transport';

/** Bytes of the values. */
export const bytesOf = (records: readonly OutRecord[]): number =>
  records.reduce((sum, { value }) => sum + byteLength(value), 0);

/** Of the largest value: many small ones are no matter of memory. */
export const largestOf = (records: readonly OutRecord[]): number =>
  records.reduce((most, { value }) => Math.max(most, byteLength(value)), 0);
