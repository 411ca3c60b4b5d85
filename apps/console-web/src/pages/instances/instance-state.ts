import type { Instance } from '@tributary/console-api';

export const instanceState = ({ alive, ready }: Pick<Instance, 'alive' | 'ready'>) =>
  alive ? (ready ? 'running' : 'waiting') : 'stopped';

/** In what the living instances differ: versions, or sync files. */
export function mixed(instances: readonly Pick<Instance, 'alive' | 'version' | 'config'>[]): string[] {
  const living = instances.filter(({ alive }) => alive);
  const kinds = (of: 'version' | 'config') => new Set(living.flatMap((one) => one[of] ?? [])).size;
  return [kinds('version') > 1 && 'version', kinds('config') > 1 && 'sync file'].filter(
    (what) => what !== false,
  );
}
