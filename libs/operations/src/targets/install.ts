import type { SchemaState } from '@tributary/targets';
import type { OperationContext } from '../context';
import { matchesTable } from '../tables/chosen-tables';
import { choosePlans, schemaTargets, type PlaceChoice } from './choice';
import { openTargets } from './open-targets';
import { ownPipeline, placesOf, usablePlans } from './places';

/** What became of a place's schema. */
export interface InstalledSchema {
  readonly place: string;
  readonly tables: readonly string[];
  readonly before: SchemaState;
  readonly now: SchemaState;
  /** Why nothing was done although something was wanted. */
  readonly reason?: string;
}

/**
 * Gives each place the schema of the columns of now (`mongo.validator`), and takes ours away where no table wants one.
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
  const targets = await openTargets(servers, schemaTargets());
  const places = await placesOf(targets, plans, ours);
  const others = new Set(
    places.filter(({ standing }) => standing.kind === 'foreign').map(({ settings }) => settings.table),
  );
  const installed: InstalledSchema[] = [];
  for (const schema of [...targets.values()].flatMap((target) => target.schemas?.(plans) ?? [])) {
    const { place, tables } = schema;
    if (table !== undefined && !tables.some((name) => matchesTable(table, name))) continue;
    signal?.throwIfAborted();
    const before = await schema.state();
    if (tables.some((name) => others.has(name))) {
      const reason = 'it belongs to another pipeline: run tributary targets status';
      installed.push({ place, tables, before, now: before, reason });
      continue;
    }
    await schema.install();
    const reason = schema.untouched(before);
    installed.push({ place, tables, before, now: await schema.state(), ...(reason && { reason }) });
  }
  return installed;
}
