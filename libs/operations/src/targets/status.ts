import type { TablePlan } from '@tributary/capture';
import type { OperationContext } from '../context';
import { matchesTable } from '../tables/chosen-tables';
import { choosePlans, chosenTargets, type PlaceChoice } from './choice';
import { everyPlace, type PlaceLine } from './place-lines';
import { ownPipeline, placeStores, usablePlans } from './places';
import { collectionPlans, schemaRemedies, schemaState, type SchemaState } from './schemas';
import type { Servers } from '../servers';

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
  const plans = await usablePlans(servers);
  const lines = (await everyPlace(stores, choosePlans(plans, choice), ours)).filter(
    ({ tables }) => choice.table === undefined || tables.some((table) => matchesTable(choice.table, table)),
  );
  const schemas = stores.mongo ? await schemaStates(servers, plans) : undefined;
  const places = lines.map((line) => {
    const schema = line.target === 'mongo' ? schemas?.get(line.place) : undefined;
    const schemaRemedy = schema && schemaRemedies[schema];
    return { ...line, ...(schema && { schema }), ...(schemaRemedy && { schemaRemedy }) };
  });
  return { pipeline: ours.pipeline ?? null, name: ours.name, places };
}

/** Of every collection of the sync file's tables, by its place. */
async function schemaStates(
  servers: Servers,
  plans: readonly TablePlan[],
): Promise<Map<string, SchemaState>> {
  const collections = collectionPlans(await servers.mongo(), plans);
  const states = collections.map(async (plan) => [plan.place, await schemaState(plan)] as const);
  return new Map(await Promise.all(states));
}
