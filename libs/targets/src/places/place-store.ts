import { MAX_EPOCH } from '@tributary/contract';
import type { Place, PlaceRecord } from './place';

/** Records as they stood at one moment. */
export interface PlaceBook {
  readonly records: readonly PlaceRecord[];
  /** Tells this moment from later ones. */
  readonly mark: string | null;
}

/** Where a target keeps who owns its places, beside the rows: lost and restored together with them. Calls throw a SyncError `retry`. */
export interface PlaceStore {
  /** The record of a place, and of all that collide with it. */
  near(place: Place): Promise<PlaceBook>;
  /** Writes records (one without owners is gone) unless one that is near the place has changed since; says whether it did. */
  write(place: Place, records: readonly PlaceRecord[], mark: PlaceBook['mark']): Promise<boolean>;
  /** All places of tables; MongoDB: in these databases. */
  all(databases: readonly string[]): Promise<PlaceRecord[]>;
  /** The place of a consumer group's own notes. */
  groupPlace(group: string): Place;
}

export function parseOwners(text: unknown): PlaceRecord['owners'] {
  try {
    const owners = JSON.parse(String(text)) as PlaceRecord['owners'];
    if (
      Array.isArray(owners) &&
      owners.every((one) => typeof one?.pipeline === 'string' && Array.isArray(one.tables))
    )
      return owners.map((one) => ({ ...one, epoch: isEpoch(one.epoch) ? one.epoch : 0 }));
  } catch {
    // Below: somebody owns it, nobody can tell who.
  }
  return [{ pipeline: '?', name: '?', tables: [], incarnation: '?', epoch: 0, shared: false, since: '?' }];
}

const isEpoch = (epoch: number) => Number.isInteger(epoch) && epoch >= 0 && epoch <= MAX_EPOCH;
