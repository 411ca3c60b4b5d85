import type { TablePlan } from '@tributary/capture';
import type { OutRecord } from '@tributary/transport';
import type { SnapshotRow } from '@tributary/snapshot';
import { newTrace, type EventEncoder } from './event-encoder';
import type { SchemaEncoders } from './schema-encoders';

/** Makes the records of a table's snapshot rows; the table's schema is on its topic when this resolves. */
export async function snapshotRecorder(
  shapes: Pick<SchemaEncoders, 'encoderOf' | 'publishSchemas'>,
  plan: TablePlan,
): Promise<(row: SnapshotRow, floor: bigint) => OutRecord> {
  const encoder = shapes.encoderOf(plan.schema);
  await shapes.publishSchemas();
  return snapshotRecords(encoder);
}

/** The records of snapshot rows, whoever reads them; all of one trace. */
export function snapshotRecords(encoder: EventEncoder): (row: SnapshotRow, floor: bigint) => OutRecord {
  const trace = newTrace();
  return ({ key, image }, floor) => {
    const now = Date.now();
    const change = {
      op: 'r',
      key,
      before: 'null',
      after: image,
      id: floor,
      atMs: now,
      snapshot: true,
    } as const;
    return encoder.record(change, trace, now);
  };
}
