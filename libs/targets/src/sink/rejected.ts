import type { Rejection } from '@tributary/contract';
import type { RowChange } from '../row-change';
import type { RoundRecords, SinkBatch, SinkRecord } from './round-records';

/** A record that can never be applied, and why. */
export interface Rejected<R extends SinkRecord> {
  readonly batch: SinkBatch<R>;
  readonly record: R;
  readonly rejection: Rejection;
  /** Absent where the record could not be read. */
  readonly table?: string;
}

export const rejection = <R extends SinkRecord>(
  records: RoundRecords<R>,
  { index, table }: RowChange,
  why: Rejection,
): Rejected<R> => ({
  ...{ batch: records.batchOf(index), record: records.recordOf(index) },
  ...{ rejection: why, table: table.table },
});
