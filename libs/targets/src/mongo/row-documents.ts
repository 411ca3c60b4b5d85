import type { MapperOf } from '../change-mapper';
import { mongoMapper, type MongoId, type MongoMapper } from '../mapping';
import { perSchema } from '../mapping/per-schema';
import type { RowChange } from '../row-change';

/** A write of one document. */
export interface DocumentWrite {
  readonly change: RowChange;
  readonly place: number;
  readonly mapper: MongoMapper;
  readonly id: MongoId;
}

/** One row, one document. */
export const rowDocuments: MapperOf<DocumentWrite> = perSchema((schema, settings) => {
  const mapper = mongoMapper(schema, settings);
  return {
    map(change, place, writes) {
      writes.push({ change, place, mapper, id: mapper.id(change.key) });
    },
  };
});
