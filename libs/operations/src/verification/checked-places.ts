import { fatal } from '@tributary/kernel';
import type { TablePlan } from '@tributary/capture';
import { FOREIGN_PLACE, foreignTrouble } from '@tributary/targets';
import type { OperationContext } from '../context';
import { ownPipeline, placesOf, type PlaceStores } from '../targets/places';

/**
 * Says of which tables extra rows are not looked for, since others may write there. Throws a fatal SyncError
 * `FOREIGN_PLACE` when rows would be repaired in another pipeline's place: nothing was touched then.
 */
export async function checkPlaces(
  { servers, note, log }: OperationContext,
  stores: PlaceStores,
  plans: readonly TablePlan[],
  repairs: boolean,
): Promise<void> {
  const ours = await ownPipeline({ servers, log }, { kafka: true, mysql: true });
  const foreign: string[] = [];
  for (const { target, settings, standing } of await placesOf(stores, plans, ours)) {
    const { shared } = settings[target];
    if (standing.kind === 'foreign') {
      const { reason, remedy } = foreignTrouble(target, settings.table, shared, standing);
      foreign.push(`${settings.table}: ${reason} ${remedy}`);
    } else if (shared)
      note(
        `${settings.table} shares its place in ${target} with other pipelines (shared: true): rows that the source lacks are not looked for there.`,
      );
  }
  if (foreign.length > 0 && repairs)
    throw fatal(
      FOREIGN_PLACE,
      `Nothing was repaired: rows of another pipeline would be overwritten or deleted.\n${foreign.map((line) => `  ${line}`).join('\n')}`,
    );
  for (const line of foreign) note(line);
}
