import {
  collide,
  type Place,
  type PlaceRecord,
  type PlaceStore,
  type PositionStore,
  type SweepNoteStore,
  type TopicIdStore,
} from '@tributary/targets';
import type { MapStore } from './map-store';

export class MapPositions implements PositionStore, TopicIdStore {
  readonly connection = 0;

  constructor(
    private readonly store: MapStore,
    private readonly group: string,
  ) {}

  async read(partitions: readonly number[]): Promise<Map<number, bigint>> {
    return new Map([...this.#noted].filter(([partition]) => partitions.includes(partition)));
  }

  async advance(moves: Parameters<PositionStore['advance']>[0]): ReturnType<PositionStore['advance']> {
    const refused = new Map<number, bigint | null>();
    for (const { partition, expected, next } of moves) {
      const stands = this.#noted.get(partition) ?? null;
      if (expected !== null && (stands === null || stands < expected)) refused.set(partition, stands);
      else if (stands === null || stands < next) this.#noted.set(partition, next);
    }
    return refused;
  }

  async put(partition: number, next: bigint): Promise<void> {
    this.#noted.set(partition, next);
  }

  async topicId(): Promise<string | null> {
    return this.store.topicIds.get(this.group) ?? null;
  }

  async putTopicId(topicId: string): Promise<void> {
    this.store.topicIds.set(this.group, topicId);
  }

  get #noted(): Map<number, bigint> {
    return held(this.store.positions, this.group);
  }
}

export class MapSweepNotes implements SweepNoteStore {
  constructor(
    private readonly store: MapStore,
    private readonly group: string,
  ) {}

  async tables(): Promise<string[]> {
    return [...this.#noted.keys()];
  }

  async read(table: string): Promise<string | null> {
    return this.#noted.get(table) ?? null;
  }

  async replace(table: string, before: string | null, after: string): Promise<boolean> {
    if ((this.#noted.get(table) ?? null) !== before) return false;
    this.#noted.set(table, after);
    return true;
  }

  get #noted(): Map<string, string> {
    return held(this.store.sweeps, this.group);
  }
}

const GROUP = 'group ';

export class MapPlaces implements PlaceStore {
  constructor(private readonly store: MapStore) {}

  async near(place: Place) {
    const records = [...this.store.places.values()].filter((record) => collide(place, record));
    return { records, mark: String(this.store.placesMark) };
  }

  async write(_place: Place, records: readonly PlaceRecord[], mark: string | null): Promise<boolean> {
    if (mark !== String(this.store.placesMark)) return false;
    this.store.placesMark += 1;
    for (const record of records)
      if (record.owners.length > 0) this.store.places.set(record.id, record);
      else this.store.places.delete(record.id);
    return true;
  }

  async all(): Promise<PlaceRecord[]> {
    return [...this.store.places.values()].filter(({ id }) => !id.startsWith(GROUP));
  }

  groupPlace(group: string): Place {
    return { id: GROUP + group, database: '', keys: [] };
  }
}

function held<Key, Value>(groups: Map<string, Map<Key, Value>>, group: string): Map<Key, Value> {
  let notes = groups.get(group);
  if (!notes) groups.set(group, (notes = new Map()));
  return notes;
}
