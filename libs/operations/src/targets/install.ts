import type { OperationContext } from '../context';
import { matchesTable } from '../tables/chosen-tables';
import { choosePlans, type PlaceChoice } from './choice';
import { ownPipeline, placesOf, placeStores, usablePlans } from './places';
import { collectionPlans, schemaState, type SchemaState } from './schemas';

/** What became of a collection's validator. */
export interface InstalledSchema {
  readonly place: string;
  readonly tables: readonly string[];
  readonly before: SchemaState;
  readonly now: SchemaState;
  /** Why nothing was done although something was wanted. */
  readonly reason?: string;
}

const UNTOUCHED: Partial<Record<SchemaState, string>> = {
  foreign: 'it has a validator that Tributary did not make: remove that one, or leave mongo.validator off',
};

/**
 * Gives each collection the validator of the columns of now (`mongo.validator`), and takes ours away where no table wants one.
 * A place of another pipeline is left alone.
 */
export async function installSchemas(
  context: OperationContext,
  { table }: Pick<PlaceChoice, 'table'>,
): Promise<readonly InstalledSchema[]> {
  const { servers, signal } = context;
  const plans = await usablePlans(servers);
  choosePlans(plans, { table });
  const ours = await ownPipeline(context, { kafka: true, mysql: true });
  const places = await placesOf(await placeStores(servers, ['mongo']), plans, ours);
  const others = new Set(
    places.filter(({ standing }) => standing.kind === 'foreign').map(({ settings }) => settings.table),
  );
  const installed: InstalledSchema[] = [];
  for (const plan of collectionPlans(await servers.mongo(), plans)) {
    if (table !== undefined && !plan.tables.some((name) => matchesTable(table, name))) continue;
    signal?.throwIfAborted();
    const { place, tables, schema, wanted } = plan;
    const before = await schemaState(plan);
    if (tables.some((name) => others.has(name))) {
      const reason = 'it belongs to another pipeline: run tributary targets status';
      installed.push({ place, tables, before, now: before, reason });
      continue;
    }
    if (wanted) await schema.replace(wanted.shape, wanted.action);
    else await schema.remove();
    const reason = UNTOUCHED[before];
    installed.push({ place, tables, before, now: await schemaState(plan), ...(reason && { reason }) });
  }
  return installed;
}
