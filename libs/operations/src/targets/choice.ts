import type { TablePlan } from '@tributary/capture';
import { readEnv, type Needs } from '@tributary/service';
import type { TargetName } from '@tributary/sync-config';
import { targetPlugins, type TargetPlugin } from '@tributary/targets';
import type { Servers } from '../servers';
import { matchesTable, noSuchTable } from '../tables/chosen-tables';
import { usedPlugins } from './open-targets';
import { usablePlans } from './places';

/** Which places are meant; what is not given does not matter. */
export interface PlaceChoice {
  /** A name, or a pattern with `*`. */
  readonly table?: string | undefined;
  readonly target?: TargetName | undefined;
}

/** Only the targets that the sync file uses are asked for. */
export const placeNeeds = (choice: PlaceChoice): Needs => ({
  ...{ mysql: true, kafka: true },
  targets: chosenTargets(choice),
});

/** Those whose places have schemas. */
export const schemaTargets = (): TargetPlugin[] => targetPlugins.filter(({ keepsSchemas }) => keepsSchemas);

/** For what concerns schemas only. */
export const schemaNeeds = (): Needs => ({ mysql: true, kafka: true, targets: schemaTargets() });

export const chosenTargets = ({ target }: PlaceChoice): TargetPlugin[] =>
  usedPlugins(readEnv({}).config).filter(({ name }) => target === undefined || name === target);

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
