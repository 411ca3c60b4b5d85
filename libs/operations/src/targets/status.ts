import type { OperationContext } from '../context';
import { matchesTable } from '../tables/chosen-tables';
import { chosenPlans, chosenTargets, type PlaceChoice } from './choice';
import { everyPlace, type PlaceLine } from './place-lines';
import { ownPipeline, placeStores } from './places';

export interface PlaceStatus {
  /** `null`: no relay has said yet which pipeline this is. */
  readonly pipeline: string | null;
  readonly name: string;
  readonly places: readonly PlaceLine[];
}

/** Every place, and whose rows stand there. */
export async function placeStatus(context: OperationContext, choice: PlaceChoice): Promise<PlaceStatus> {
  const { servers } = context;
  const stores = await placeStores(servers, chosenTargets(choice));
  const ours = await ownPipeline(context, { kafka: true, mysql: true });
  const places = (await everyPlace(stores, await chosenPlans(servers, choice), ours)).filter(
    ({ tables }) => choice.table === undefined || tables.some((table) => matchesTable(choice.table, table)),
  );
  return { pipeline: ours.pipeline ?? null, name: ours.name, places };
}
