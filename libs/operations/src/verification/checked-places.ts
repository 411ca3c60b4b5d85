import { fatal } from '@tributary/kernel';
import type { TablePlan } from '@tributary/capture';
import { targetSettings } from '@tributary/sync-config';
import { FOREIGN_PLACE, foreignTrouble } from '@tributary/targets';
import type { OperationContext } from '../context';
import type { OpenTargets } from '../targets/open-targets';
import { ownPipeline, placesOf } from '../targets/places';

/**
 * Says of which tables extra rows are not looked for, since others may write there. Throws a fatal SyncError
 * `FOREIGN_PLACE` when rows would be repaired in another pipeline's place: nothing was touched then.
 */
export async function checkPlaces(
  { servers, note, log }: OperationContext,
  targets: OpenTargets,
  plans: readonly TablePlan[],
  repairs: boolean,
): Promise<void> {
  const ours = await ownPipeline({ servers, log }, { kafka: true, mysql: true });
  const foreign: string[] = [];
  for (const { target, settings, standing } of await placesOf(targets, plans, ours)) {
    const { shared } = targetSettings(settings, target.name);
    if (standing.kind === 'foreign') {
      const { reason, remedy } = foreignTrouble(target, settings.table, shared, standing);
      foreign.push(`${settings.table}: ${reason} ${remedy}`);
    } else if (shared)
      note(
        `${settings.table} shares its place in ${target.name} with other pipelines (shared: true): rows that the source lacks are not looked for there.`,
      );
  }
  if (foreign.length > 0 && repairs)
    throw fatal(
      FOREIGN_PLACE,
      `Nothing was repaired: rows of another pipeline would be overwritten or deleted.\n${foreign.map((line) => `  ${line}`).join('\n')}`,
    );
  for (const line of foreign) note(line);
}
