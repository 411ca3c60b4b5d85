import type { TablePlan } from '@tributary/capture';
import type { PlaceSchema, SchemaState } from '@tributary/targets';
import type { OperationContext } from '../context';
import { matchesTable } from '../tables/chosen-tables';
import { choosePlans, chosenTargets, type PlaceChoice } from './choice';
import { openTargets, type OpenTargets } from './open-targets';
import { everyPlace, type PlaceLine } from './place-lines';
import { ownPipeline, usablePlans } from './places';

export interface PlaceStatus {
  /** `null`: no relay has said yet which pipeline this is. */
  readonly pipeline: string | null;
  readonly name: string;
  readonly places: readonly PlaceLine[];
}

/** Every place, and whose rows stand there. */
export async function placeStatus(context: OperationContext, choice: PlaceChoice): Promise<PlaceStatus> {
  const { servers } = context;
  const targets = await openTargets(servers, chosenTargets(choice));
  const ours = await ownPipeline(context, { kafka: true, mysql: true });
  const plans = await usablePlans(servers);
  const lines = (await everyPlace(targets, choosePlans(plans, choice), ours)).filter(
    ({ tables }) => choice.table === undefined || tables.some((table) => matchesTable(choice.table, table)),
  );
  const schemas = await schemasOf(targets, plans);
  const places = lines.map((line) => {
    const known = schemas.get(nameOf(line));
    const schemaRemedy = known?.schema.remedy(known.state);
    return { ...line, ...(known && { schema: known.state }), ...(schemaRemedy && { schemaRemedy }) };
  });
  return { pipeline: ours.pipeline ?? null, name: ours.name, places };
}

const nameOf = ({ target, place }: Pick<PlaceLine, 'target' | 'place'>) => `${target}\0${place}`;

/** Of every place of the sync file's tables that has one. */
async function schemasOf(
  targets: OpenTargets,
  plans: readonly TablePlan[],
): Promise<Map<string, { readonly schema: PlaceSchema; readonly state: SchemaState }>> {
  const found = [...targets].flatMap(([{ name }, connected]) =>
    (connected.schemas?.(plans) ?? []).map(async (schema) => {
      const state = await schema.state();
      return [nameOf({ target: name, place: schema.place }), { schema, state }] as const;
    }),
  );
  return new Map(await Promise.all(found));
}
