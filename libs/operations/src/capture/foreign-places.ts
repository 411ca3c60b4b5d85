import { SyncError, fatal } from '@tributary/kernel';
import { readEnv, type Needs } from '@tributary/service';
import { FOREIGN_PLACE, foreignTrouble, type PlaceTarget } from '@tributary/targets';
import { usedTargets } from '@tributary/verify';
import { explain } from '../explain';
import type { OperationContext } from '../context';
import { matchesTable } from '../tables/chosen-tables';
import {
  ownPipeline,
  placesOf,
  placeStores,
  usablePlans,
  type Ours,
  type TablePlace,
} from '../targets/places';

const isSet = (name: string) => [name, `${name}_FILE`].some((variable) => process.env[variable]?.trim());
const variables = { mongo: 'MONGODB_URI', redis: 'REDIS_URL' } as const;

/** The targets that tables go to, by whether the environment says where they are. */
function reachable(): { readonly known: PlaceTarget[]; readonly unknown: PlaceTarget[] } {
  const used = usedTargets(readEnv({}).config);
  return {
    known: used.filter((target) => isSet(variables[target])),
    unknown: used.filter((target) => !isSet(variables[target])),
  };
}

/** What an installation asks the environment for: the targets only where they are named. */
export function installNeeds(): Needs {
  const { known } = reachable();
  return {
    ...{ mysql: true, kafka: isSet('KAFKA_BROKERS') },
    ...{ mongodb: known.includes('mongo'), redis: known.includes('redis') },
  };
}

/**
 * Throws a fatal SyncError `FOREIGN_PLACE` when a table would go where another pipeline's rows stand. Before anything is
 * installed: the first snapshot would otherwise end in a sink that refuses it.
 */
export async function refuseForeignPlaces(
  { servers, note, log }: OperationContext,
  wanted: string | undefined,
): Promise<void> {
  const { known, unknown } = reachable();
  for (const target of unknown)
    note(
      `${variables[target]} is not set: whose rows stand in ${target} was not checked; the sink does it at its start.`,
    );
  if (known.length === 0) return;
  let places: TablePlace[];
  let ours: Ours;
  try {
    ours = await ownPipeline({ servers, log }, { kafka: isSet('KAFKA_BROKERS'), mysql: true });
    const plans = (await usablePlans(servers)).filter(({ schema }) => matchesTable(wanted, schema.table));
    places = await placesOf(await placeStores(servers, known), plans, ours);
  } catch (error) {
    if (error instanceof SyncError && error.kind === 'fatal') throw error;
    note(
      `Whose rows stand in the targets could not be checked; the sinks do it at their start. ${explain(error)}`,
    );
    return;
  }
  const refused = places.flatMap(({ target, settings, standing }) => {
    if (standing.kind !== 'foreign') return [];
    // Installed anew under the same prefix: only the relay can tell whether it is the same pipeline.
    if (ours.pipeline === undefined && standing.owner.name === ours.name) return [];
    const { reason, remedy } = foreignTrouble(target, settings.table, settings[target].shared, standing);
    return [`${settings.table}: ${reason} ${remedy}`];
  });
  if (refused.length > 0)
    throw fatal(
      FOREIGN_PLACE,
      `Capture was not installed, nothing was changed: places in the targets belong to another pipeline.\n${refused.map((line) => `  ${line}`).join('\n')}`,
    );
}
