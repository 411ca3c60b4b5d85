import type { TablePlan } from '@tributary/capture';
import { fatal } from '@tributary/kernel';
import type { OperationContext } from '../context';
import { readNotes } from '../read-notes';
import { misfits } from '../tables/misfits';
import { openTargets, usedPlugins } from '../targets/open-targets';
import { ownPipeline, placesOf } from '../targets/places';

/**
 * Throws a fatal SyncError `SNAPSHOT` unless the sinks would write these tables now: workers that write to the targets themselves
 * ask nobody else whether they may (R10, R15).
 */
export async function refuseDirect(context: OperationContext, plans: readonly TablePlan[]): Promise<void> {
  const { servers, log } = context;
  const targets = await openTargets(servers, usedPlugins(servers.config));
  const ours = await ownPipeline(context, { kafka: true, mysql: true });
  const places = await placesOf(targets, plans, ours);
  const paused = await readNotes(servers, log, (notes) => notes.of('paused'));
  const tables = new Set(plans.map(({ settings }) => settings.table));
  const reasons = [
    ...places
      .filter(({ standing }) => standing.kind !== 'ours')
      .map(({ settings, target, standing }) =>
        standing.kind === 'free'
          ? `no sink has taken the place of ${settings.table} in ${target.spec.title} yet: start it first`
          : `the place of ${settings.table} in ${target.spec.title} is another pipeline's`,
      ),
    ...plans.flatMap((plan) => misfits(plan)).map(({ table, reason }) => `${table}: ${reason}`),
    ...paused.filter(({ table }) => tables.has(table)).map(({ table }) => `${table} is paused`),
  ];
  if (reasons.length > 0)
    throw fatal(
      'SNAPSHOT',
      `Rows cannot go straight to the targets, leave out --via direct:\n${reasons.map((reason) => `  ${reason}`).join('\n')}`,
    );
}
