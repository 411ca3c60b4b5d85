import { SyncError, fatal } from '@tributary/kernel';
import { readEnv, type Needs } from '@tributary/service';
import { targetSettings } from '@tributary/sync-config';
import { FOREIGN_PLACE, foreignTrouble, type TargetPlugin } from '@tributary/targets';
import { explain } from '../explain';
import type { OperationContext } from '../context';
import { matchesTable } from '../tables/chosen-tables';
import { openTargets, usedPlugins } from '../targets/open-targets';
import { ownPipeline, placesOf, usablePlans, type Ours, type TablePlace } from '../targets/places';

const isSet = (name: string) => [name, `${name}_FILE`].some((variable) => process.env[variable]?.trim());

/** The targets that tables go to, by whether the environment says where they are. */
function reachable(): { readonly known: TargetPlugin[]; readonly unknown: TargetPlugin[] } {
  const used = usedPlugins(readEnv({}).config);
  return {
    known: used.filter((target) => isSet(target.env.variable)),
    unknown: used.filter((target) => !isSet(target.env.variable)),
  };
}

/** What an installation asks the environment for: the targets only where they are named. */
export const installNeeds = (): Needs => ({
  ...{ mysql: true, kafka: isSet('KAFKA_BROKERS') },
  targets: reachable().known,
});

/**
 * Throws a fatal SyncError `FOREIGN_PLACE` when a table would go where another pipeline's rows stand. Before anything is
 * installed: the first snapshot would otherwise end in a sink that refuses it.
 */
export async function refuseForeignPlaces(
  { servers, note, log }: OperationContext,
  wanted: string | undefined,
): Promise<void> {
  const { known, unknown } = reachable();
  for (const { name, env } of unknown)
    note(
      `${env.variable} is not set: whose rows stand in ${name} was not checked; the sink does it at its start.`,
    );
  if (known.length === 0) return;
  let places: TablePlace[];
  let ours: Ours;
  try {
    ours = await ownPipeline({ servers, log }, { kafka: isSet('KAFKA_BROKERS'), mysql: true });
    const plans = (await usablePlans(servers)).filter(({ schema }) => matchesTable(wanted, schema.table));
    places = await placesOf(await openTargets(servers, known), plans, ours);
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
    const { shared } = targetSettings(settings, target.name);
    const { reason, remedy } = foreignTrouble(target, settings.table, shared, standing);
    return [`${settings.table}: ${reason} ${remedy}`];
  });
  if (refused.length > 0)
    throw fatal(
      FOREIGN_PLACE,
      `Capture was not installed, nothing was changed: places in the targets belong to another pipeline.\n${refused.map((line) => `  ${line}`).join('\n')}`,
    );
}
