import { header, headerText, versionParts, type Version } from '@tributary/contract';
import type { OutRecord } from '@tributary/transport';
import type { ShapeGuard } from './shape-guard';
import type { SchemaEncoders } from './schema-encoders';

export interface ChunkPublisherDeps {
  readonly shapes: Pick<SchemaEncoders, 'schema'>;
  readonly guard: Pick<ShapeGuard, 'check' | 'fits'>;
  /** Resolves when the source keeps that rows were published under this id. */
  readonly noteFloor: (id: bigint) => Promise<void>;
  readonly publish: (records: OutRecord[]) => Promise<void>;
  /** Whether nothing of a table is published now. */
  readonly parks: (table: string) => boolean;
}

/**
 * Publishes the rows of a chunk, unless an ALTER gave a column another type, or the table another key, while it was read:
 * then its rows say the new values under the old shape. False says so to the load, which begins anew. Nor are they published
 * while changes that they show may wait aside, since the table is paused: its load goes on when those are on the topic.
 */
export function chunkPublisher({ shapes, guard, noteFloor, publish, parks }: ChunkPublisherDeps) {
  return async (records: OutRecord[], table: string): Promise<boolean> => {
    if (records.length === 0) return true;
    await guard.check(new Set([table]));
    const schema = shapes.schema(headerText(records[0]!.headers ?? {}, header.schema) ?? '');
    if (schema && !guard.fits(schema)) return false;
    const version = headerText(records[0]!.headers ?? {}, header.version) as Version;
    await noteFloor(versionParts(version).id);
    if (parks(table)) return false;
    await publish(records);
    return true;
  };
}
