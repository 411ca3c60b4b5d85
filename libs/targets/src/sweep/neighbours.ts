import type { SyncConfig, TableSettings } from '@tributary/sync-config';

/**
 * Finds another table whose rows live in the same collection, or behind the same index set or key pattern. Rows do not
 * say of which table they are, so a load of one proves nothing about what lies there.
 */
export function neighbours(
  target: 'mongo' | 'redis',
  config: Pick<SyncConfig, 'table'>,
  tables: () => Iterable<string>,
): (settings: TableSettings) => string | undefined {
  return (settings) => {
    const own = places[target](settings);
    for (const name of tables()) {
      const other = name === settings.table ? undefined : config.table(name);
      if (other?.[target].enabled && places[target](other).some((place) => own.includes(place))) return name;
    }
    return undefined;
  };
}

const places: Record<'mongo' | 'redis', (settings: TableSettings) => string[]> = {
  mongo: ({ mongo: { database, collection } }) => [`${database}\0${collection}`],
  redis: ({ redis: { index, key } }) => [`index\0${index}`, ...(key === undefined ? [] : [`key\0${key}`])],
};
