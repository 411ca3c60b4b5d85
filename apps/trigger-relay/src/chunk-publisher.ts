import { header, headerText } from '@tributary/change-event';
import type { OutRecord } from '@tributary/kafka';
import type { MissedChanges } from './missed-changes';
import type { ShapeGuard } from './shape-guard';
import type { TableShapes } from './table-shapes';

export interface ChunkPublisherDeps {
  readonly shapes: Pick<TableShapes, 'schema'>;
  readonly guard: Pick<ShapeGuard, 'check' | 'fits'>;
  readonly missed: Pick<MissedChanges, 'note'>;
  readonly publish: (records: OutRecord[]) => Promise<void>;
}

/**
 * Publishes the rows of a chunk, unless an ALTER gave a column another type while it was read: then its rows say the
 * new values under the old shape, and another load of the table is queued instead.
 */
export function chunkPublisher({ shapes, guard, missed, publish }: ChunkPublisherDeps) {
  return async (records: OutRecord[], table: string): Promise<void> => {
    if (records.length === 0) return;
    await guard.check(new Set([table]));
    const schema = shapes.schema(headerText(records[0]!.headers ?? {}, header.schema) ?? '');
    if (schema && !guard.fits(schema)) await missed.note(new Map([[table, records.length]]));
    else await publish(records);
  };
}
