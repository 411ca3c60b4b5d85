import type { SyncConfig } from '@tributary/sync-config';
import type { Connection } from 'mysql2/promise';
import { planCascades, type Cascades } from './cascades';
import type { TriggerTables } from './definer';
import { inspectTables, type Inspection, type TablePlan } from './describe';
import { readForeignKeys, type ForeignKey } from './foreign-keys';
import { readDoubts, type Doubts } from './ignore-statements';
import { framed } from './trigger-frame';
import type { TriggerTarget } from './trigger-sql';
import { rowTriggers, type OwnBlock, type WantedTrigger } from './wanted-triggers';

/** All that capture of a sync file means on a server. */
export interface CapturePlan {
  readonly plans: readonly TablePlan[];
  readonly cascades: Cascades;
  /** By `database.table`. */
  readonly doubts: ReadonlyMap<string, Doubts>;
}

/** A plan, and what it was made of. */
export interface WholePlan extends CapturePlan {
  readonly inspection: Inspection;
  readonly keys: readonly ForeignKey[];
}

export async function planCapture(connection: Connection, config: SyncConfig): Promise<WholePlan> {
  const inspection = await inspectTables(connection, config);
  const { plans } = inspection;
  const keys = plans.length > 0 ? await readForeignKeys(connection, plans[0]!.flavour) : [];
  const doubts = await readDoubts(connection, plans);
  return { inspection, keys, plans, cascades: planCascades(keys, plans), doubts };
}

/** The same without some of the tables, whose rows then are nobody's cascades either. */
export function without(whole: WholePlan, tables: ReadonlySet<string>): WholePlan {
  const plans = whole.plans.filter(({ settings }) => !tables.has(settings.table));
  return { ...whole, plans, cascades: planCascades(whole.keys, plans) };
}

/** The same for some tables only: with the parents whose cascades reach them. */
export function narrowed(plan: CapturePlan, tables: readonly string[]): CapturePlan {
  const chosen = new Set(tables);
  const { parents, faults } = plan.cascades;
  return {
    doubts: plan.doubts,
    plans: plan.plans.filter(({ settings }) => chosen.has(settings.table)),
    cascades: {
      parents: parents.filter((parent) => parent.tables.some((table) => chosen.has(table))),
      faults,
    },
  };
}

/** Every table that is to carry triggers, in order of name, with those triggers. */
export function wantedTriggers(
  { plans, cascades, doubts }: Pick<CapturePlan, 'plans' | 'cascades' | 'doubts'>,
  targetOf: (plan: TablePlan) => TriggerTarget,
): Map<string, WantedTrigger[]> {
  const wanted = new Map<string, OwnBlock[]>(
    plans.map((plan) => [
      plan.settings.table,
      rowTriggers(plan, targetOf(plan), doubts.get(plan.settings.table)),
    ]),
  );
  for (const { table, triggers } of cascades.parents)
    wanted.set(table, [...(wanted.get(table) ?? []), ...triggers(targetOf)]);
  const frameOf = framing(plans, targetOf);
  return new Map(
    [...wanted]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([table, triggers]) => [table, triggers.map((trigger) => frameOf(table, trigger))]),
  );
}

function framing(plans: readonly TablePlan[], targetOf: (plan: TablePlan) => TriggerTarget) {
  const counters = new Map(plans.map(({ settings, counter }) => [settings.table, counter]));
  return (table: string, { event, body, usual }: OwnBlock): WantedTrigger => {
    const { captureSchema } = targetOf(plans[0]!);
    const { flavour } = plans[0]!;
    const database = table.slice(0, table.indexOf('.'));
    const counter = event === 'i' ? counters.get(table) : undefined;
    return {
      event,
      body: framed(body, { database, captureSchema, flavour, counter, reads: 'xyz'.includes(event), usual }),
    };
  };
}

/** What the definer of the triggers needs rights on. */
export const tablesOf = ({ plans, cascades }: Pick<CapturePlan, 'plans' | 'cascades'>): TriggerTables => ({
  read: [
    ...new Set([
      ...plans.map(({ settings }) => settings.table),
      ...cascades.parents.flatMap(({ tables }) => tables),
    ]),
  ],
  locked: [...new Set(cascades.parents.flatMap(({ locked }) => locked))],
});
