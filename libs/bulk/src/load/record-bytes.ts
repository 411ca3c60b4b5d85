import { byteLength, type OutRecord } from '@tributary/transport';

/** Bytes of the values. */
export const bytesOf = (records: readonly OutRecord[]): number =>
  records.reduce((sum, { value }) => sum + byteLength(value), 0);
