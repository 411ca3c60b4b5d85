import { transient, type SyncError } from '@tributary/kernel';
import type { StoredRecord } from './stored-record';

/**
 * Stands for the records of a batch that cannot be read, behind those that could. Who reads the partition has to stop
 * before it and try again (R11): fetched anew, the batch may be whole; nothing behind it is read before it is.
 */
export class DamagedBatch {
  readonly key = null;
  readonly headers = {};
  readonly timestamp = '-1';
  readonly isControlRecord = false;
  readonly batchContext = { producerId: '-1', inTransaction: false };
  readonly error: SyncError;
  /** Where it begins, for messages. */
  readonly place: { readonly offset: string };

  constructor(
    partition: string,
    baseOffset: bigint,
    why: string,
    /** The partition's last one: no client may take it for one that it has passed. */
    readonly offset: string,
  ) {
    this.place = { offset: String(baseOffset) };
    this.error = transient(
      'DAMAGED_BATCH',
      `The batch of records at offset ${baseOffset} of ${partition} cannot be read: ${why}. It is fetched again; if that does not help, Kafka holds it damaged: see docs/operations.md, "A damaged batch".`,
    );
  }

  /** Nobody takes it for a record without noticing. */
  get value(): never {
    throw this.error;
  }
}

/** What was fetched of a partition, as far as it can be read, and what stands behind that. */
export function wholeRecords(fetched: readonly (StoredRecord | DamagedBatch)[]): {
  readonly whole: readonly StoredRecord[];
  readonly damaged?: DamagedBatch;
} {
  const last = fetched.at(-1);
  if (!(last instanceof DamagedBatch)) return { whole: fetched as readonly StoredRecord[] };
  return { whole: fetched.slice(0, -1) as StoredRecord[], damaged: last };
}
