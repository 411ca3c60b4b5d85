import type { TargetName } from '@tributary/sync-config';
import { takeOver, type PlaceOwner } from '@tributary/targets';
import type { OperationContext } from '../context';
import { chosenPlans, chosenTargets, type PlaceChoice } from './choice';
import { openTargets } from './open-targets';
import { ownPipeline, placesOf } from './places';

/** A place that was another pipeline's. */
interface AdoptedPlace {
  readonly table: string;
  readonly target: TargetName;
  readonly place: string;
  readonly from: readonly Pick<PlaceOwner, 'pipeline' | 'name' | 'tables' | 'since'>[];
  /** The highest epoch that it holds. */
  readonly epoch: number;
}

export interface Adoption {
  readonly pipeline: string | null;
  readonly name: string;
  readonly adopted: readonly AdoptedPlace[];
}

/** Takes over the places that another pipeline owns. */
export async function adoptPlaces(context: OperationContext, choice: PlaceChoice): Promise<Adoption> {
  const { servers, signal } = context;
  const targets = await openTargets(servers, chosenTargets(choice));
  const ours = await ownPipeline(context, { kafka: true, mysql: true });
  const adopted: AdoptedPlace[] = [];
  const plans = await chosenPlans(servers, choice);
  for (const { target, connected, settings } of await placesOf(targets, plans, ours)) {
    signal?.throwIfAborted();
    const taken = await takeOver(connected.places, target, settings, ours);
    if (!taken) continue;
    const from = taken.from.map(({ pipeline, name, tables, since }) => ({ pipeline, name, tables, since }));
    adopted.push({
      table: settings.table,
      target: target.name,
      place: taken.place,
      from,
      epoch: taken.epoch,
    });
  }
  return { pipeline: ours.pipeline ?? null, name: ours.name, adopted };
}
