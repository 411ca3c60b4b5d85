import { isNewer } from '@tributary/contract';
import {
  unmappable,
  UnmappableError,
  type ChangeMapper,
  type Outcome,
  type RowChange,
  type SweepOrder,
  type TargetWriter,
} from '@tributary/targets';
import type { HeldRow, MapStore } from './map-store';

/** A write of one row; `row: null` deletes it. */
interface MapWrite {
  readonly table: string;
  readonly key: string;
  readonly version: HeldRow['version'];
  readonly row: HeldRow['row'] | null;
}

/** One row, one entry, of the columns that its schema names. */
const rowEntries: ChangeMapper<MapWrite> = {
  map({ table: { table }, schema, keyText: key, version, after }, _place, writes) {
    const lacking = after && schema.columns.find(({ field }) => after[field] === undefined);
    if (lacking) throw new UnmappableError(`the row image lacks the column ${lacking.field}`);
    writes.push({ table, key, version, row: after });
  },
};

const SWEPT_AT_ONCE = 500;

/** Writes rows into Maps, each only over an older version (R4). */
export class MapWriter implements TargetWriter {
  constructor(private readonly store: MapStore) {}

  async apply(changes: readonly RowChange[]): Promise<Outcome[]> {
    const writes: MapWrite[] = [];
    return changes.map((change, place) => {
      writes.length = 0;
      try {
        rowEntries.map(change, place, writes);
      } catch (error) {
        return unmappable(error);
      }
      return this.#write(writes[0]!);
    });
  }

  rowId({ keyText }: Pick<RowChange, 'keyText'>): string {
    return keyText;
  }

  async *sweep({ table: { table }, floor, spared }: SweepOrder): AsyncGenerator<number> {
    const old = [...this.store.table(table).rows].filter(([, { version }]) => isNewer(floor, version));
    const stay = old.length > 0 ? await spared() : new Set();
    const gone = old.map(([key]) => key).filter((key) => !stay.has(key));
    for (let at = 0; at < gone.length; at += SWEPT_AT_ONCE) {
      const some = gone.slice(at, at + SWEPT_AT_ONCE);
      for (const key of some) this.#write({ table, key, version: floor, row: null });
      yield some.length;
    }
  }

  async ping(): Promise<void> {}

  async close(): Promise<void> {}

  #write({ table, key, version, row }: MapWrite): Outcome {
    if (row && this.store.refused.has(`${table}\0${key}`))
      return { kind: 'rejected', rejection: { code: 'TARGET_REJECTED', reason: 'The Map refuses the row' } };
    const { rows, tombstones } = this.store.table(table);
    const known = [rows.get(key)?.version, tombstones.get(key)];
    if (known.some((held) => held !== undefined && !isNewer(version, held))) return { kind: 'stale' };
    if (row) {
      rows.set(key, { version, row });
      tombstones.delete(key);
    } else {
      rows.delete(key);
      tombstones.set(key, version);
    }
    return { kind: 'applied' };
  }
}
