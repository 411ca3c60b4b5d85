import type { Version, WireRow } from '@tributary/contract';
import type { PlaceRecord } from '@tributary/targets';

/** A row as it is held. */
export interface HeldRow {
  readonly version: Version;
  readonly row: WireRow;
}

/** What one table holds: rows and the versions of deleted ones, by the texts of their keys. */
export interface HeldTable {
  readonly rows: Map<string, HeldRow>;
  readonly tombstones: Map<string, Version>;
}

/** All that a target holds, in the memory of this process; several connections share it. */
export class MapStore {
  readonly #tables = new Map<string, HeldTable>();
  readonly positions = new Map<string, Map<number, bigint>>();
  readonly topicIds = new Map<string, string>();
  readonly sweeps = new Map<string, Map<string, string>>();
  readonly places = new Map<string, PlaceRecord>();
  /** Changes with every write of a place. */
  placesMark = 0;
  /** Rows that it refuses for good, as `<table>\0<key>`. */
  readonly refused = new Set<string>();

  table(name: string): HeldTable {
    let held = this.#tables.get(name);
    if (!held) this.#tables.set(name, (held = { rows: new Map(), tombstones: new Map() }));
    return held;
  }

  /** Forgets everything, as after the loss of its disk. */
  wipe(): void {
    for (const held of [this.#tables, this.positions, this.topicIds, this.sweeps, this.places]) held.clear();
  }
}

const stores = new Map<string, MapStore>();

/** The store of that name, made at its first use. */
export function mapStore(name: string): MapStore {
  let store = stores.get(name);
  if (!store) stores.set(name, (store = new MapStore()));
  return store;
}
