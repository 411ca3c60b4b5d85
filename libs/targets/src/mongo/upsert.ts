import type { MongoId, MongoMapper } from '../mapping';
import type { RowChange } from '../row-change';

/** A row to be written, with its mapping at hand. */
export interface Upsert {
  readonly change: RowChange & { readonly after: NonNullable<RowChange['after']> };
  readonly mapper: MongoMapper;
  readonly id: MongoId;
}
