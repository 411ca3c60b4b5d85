import { targetSettings, type SyncConfig } from '@tributary/sync-config';
import { targetPlugins, type ConnectedTarget, type TargetPlugin } from '@tributary/targets';
import { usedTargets } from '@tributary/verify';
import type { TablePlan } from '@tributary/capture';
import type { Servers } from '../servers';

/** Connected targets, in the order of the registry. */
export type OpenTargets = ReadonlyMap<TargetPlugin, ConnectedTarget>;

/** The targets that some table of the sync file goes to. */
export function usedPlugins(config: SyncConfig): TargetPlugin[] {
  const used = usedTargets(config);
  return targetPlugins.filter(({ name }) => used.includes(name));
}

export async function openTargets(servers: Servers, targets: readonly TargetPlugin[]): Promise<OpenTargets> {
  const open = new Map<TargetPlugin, ConnectedTarget>();
  for (const target of targets) open.set(target, await servers.target(target));
  return open;
}

/** Whether a table goes to a target, and its sink does not leave it out (see `misfits`). */
export const takes = ({ name, misfit }: TargetPlugin, { settings, schema }: TablePlan): boolean =>
  targetSettings(settings, name).enabled && !misfit(schema, settings);
