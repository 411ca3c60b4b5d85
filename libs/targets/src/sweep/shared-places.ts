import { targetSettings, type SyncConfig, type TableSettings } from '@tributary/sync-config';
import type { TargetRules } from '../target-plugin';

/**
 * Finds another table whose rows live in the same collection, or behind the same index set or key pattern. Rows do not
 * say of which table they are, so a load of one proves nothing about what lies there.
 */
export function sharesPlaceWith(
  { name: target, surfaces }: Pick<TargetRules, 'name' | 'surfaces'>,
  config: Pick<SyncConfig, 'table'>,
  tables: () => Iterable<string>,
): (settings: TableSettings) => string | undefined {
  return (settings) => {
    const own = surfaces(settings);
    for (const name of tables()) {
      const other = name === settings.table ? undefined : config.table(name);
      if (other && targetSettings(other, target).enabled && surfaces(other).some((one) => own.includes(one)))
        return name;
    }
    return undefined;
  };
}
