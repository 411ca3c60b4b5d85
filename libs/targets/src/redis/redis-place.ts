import type { TableSettings } from '@tributary/sync-config';
import { ANYTHING, NO_COLON, type KeyPattern } from '../places/key-pattern';
import type { Place } from '../places/place';

/** The place is all keys that rows or their index can have, so that patterns which meet anywhere collide. */
export function redisPlace({ database, name, redis: { index, key, as } }: TableSettings): Place {
  const rows: KeyPattern =
    key === undefined
      ? [`${database}:${name}:`, ANYTHING]
      : key.split(/\{[^{}]*\}/).flatMap((text, at) => (at === 0 ? [text] : [NO_COLON, text]));
  const columns: KeyPattern[] = as === 'fields' ? [[...rows, ':', ANYTHING]] : [];
  return {
    id: `${index} with keys ${key ?? `${database}:${name}:*`}`,
    database: '',
    keys: [[index], rows, ...columns],
  };
}
