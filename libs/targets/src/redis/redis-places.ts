import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { collide, type Place, type PlaceRecord } from '../places/place';
import { parseOwners, type PlaceBook, type PlaceStore } from '../places/place-store';
import { redisTrouble } from './redis-error';
import { evaluate } from './scripts/evaluate';
import { writePlaces } from './scripts/write-places';

const PLACES = 'tributary:places';
const MARK = 'tributary:places:mark';
const GROUP = 'group ';

/** Owners in the hash `tributary:places`, one field for each place, and in `tributary:places:mark` what tells that one has changed. */
export class RedisPlaces implements PlaceStore {
  /** As of its mark: many tables are looked up one after another. */
  #book: PlaceBook | undefined;

  constructor(private readonly redis: Redis) {}

  async near(place: Place): Promise<PlaceBook> {
    const { records, mark } = await this.#read();
    return { mark, records: records.filter((record) => collide(place, record)) };
  }

  async write(_place: Place, records: readonly PlaceRecord[], mark: string | null): Promise<boolean> {
    const next = randomUUID();
    const fields = records.flatMap(({ id, keys, owners }) => [
      id,
      owners.length === 0 ? '' : JSON.stringify({ keys, owners }),
    ]);
    const written = await this.#guard(() =>
      evaluate(this.redis, writePlaces, 2, [PLACES, MARK, mark ?? '', next, ...fields]),
    );
    if (written !== 1) return false;
    if (this.#book?.mark === mark) this.#book = { mark: next, records: merged(this.#book.records, records) };
    return true;
  }

  async all(): Promise<PlaceRecord[]> {
    return (await this.#read()).records.filter(({ id }) => !id.startsWith(GROUP));
  }

  groupPlace(group: string): Place {
    return { id: GROUP + group, database: '', keys: [[`tributary:positions:${group}`]] };
  }

  #read(): Promise<PlaceBook> {
    return this.#guard(async () => {
      const mark = await this.redis.get(MARK);
      if (this.#book && this.#book.mark === mark && mark !== null) return this.#book;
      const ids = await this.redis.hkeys(PLACES);
      const texts = ids.length > 0 ? await this.redis.hmget(PLACES, ...ids) : [];
      const records = ids.flatMap((id, at) => recordOf(id, texts[at]) ?? []);
      return (this.#book = { mark, records });
    });
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw redisTrouble(error);
    }
  }
}

function recordOf(id: string, text: string | null | undefined): PlaceRecord | undefined {
  if (!text) return undefined;
  try {
    const { keys, owners } = JSON.parse(text) as PlaceRecord;
    if (Array.isArray(keys)) return { id, keys, owners: parseOwners(JSON.stringify(owners)) };
  } catch {
    // Somebody owns it, nobody can tell who.
  }
  return { id, keys: [], owners: parseOwners(undefined) };
}

function merged(held: readonly PlaceRecord[], written: readonly PlaceRecord[]): PlaceRecord[] {
  const ids = new Set(written.map(({ id }) => id));
  return [...held.filter(({ id }) => !ids.has(id)), ...written.filter(({ owners }) => owners.length > 0)];
}
