import type { TablePlan } from '@tributary/capture';
import { readEnv, type Needs } from '@tributary/service';
import type { PlaceTarget } from '@tributary/targets';
import { usedTargets } from '@tributary/verify';
import type { Servers } from '../servers';
import { matchesTable, noSuchTable } from '../tables/chosen-tables';
import { usablePlans } from './places';

/** Which places are meant; what is not given does not matter. */
export interface PlaceChoice {
  /** A name, or a pattern with `*`. */
  readonly table?: string | undefined;
  readonly target?: PlaceTarget | undefined;
}

/** Only the targets that the sync file uses are asked for. */
export function placeNeeds(choice: PlaceChoice): Needs {
  const used = chosenTargets(choice);
  return { mysql: true, kafka: true, mongodb: used.includes('mongo'), redis: used.includes('redis') };
}

/** For what concerns collections only. */
export const collectionNeeds = (): Needs => ({ mysql: true, kafka: true, mongodb: true, redis: false });

export const chosenTargets = ({ target }: PlaceChoice): PlaceTarget[] =>
  usedTargets(readEnv({}).config).filter((name) => target === undefined || name === target);

export const chosenPlans = async (servers: Servers, choice: PlaceChoice): Promise<readonly TablePlan[]> =>
  choosePlans(await usablePlans(servers), choice);

/** Throws a sentence that lists the tables when none is meant. */
export function choosePlans(plans: readonly TablePlan[], { table }: PlaceChoice): readonly TablePlan[] {
  const found = plans.filter(({ schema }) => matchesTable(table, schema.table));
  if (found.length === 0)
    throw noSuchTable(
      table,
      plans.map(({ schema }) => schema.table),
    );
  return found;
}
