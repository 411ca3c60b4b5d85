import type { TableSettings } from '@tributary/sync-config';
import type { Place } from '../places/place';

export function mongoPlace({ mongo: { database, collection } }: TableSettings): Place {
  return { id: `${database}.${collection}`, database, keys: [] };
}
