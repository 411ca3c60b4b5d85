import type { TablePlan } from '@tributary/capture';
import {
  CollectionSchema,
  covers,
  documentShape,
  placeOf,
  sameShape,
  unionOf,
  type DocumentShape,
  type HeldSchema,
  type SchemaAction,
} from '@tributary/targets';
import type { mongo } from 'mongoose';

/**
 * A collection's validator beside the columns of the tables that go there: current; wider: takes rows of earlier columns too;
 * outdated: would refuse rows of now, or does something else with them; missing: none stands there yet; foreign: somebody else's;
 * left over: ours, although no table wants one any more; off: none, and none is wanted.
 */
export type SchemaState = 'off' | 'current' | 'wider' | 'outdated' | 'missing' | 'foreign' | 'left over';

/** A collection, the tables that go there, and the validator that they want. */
export interface CollectionPlan {
  readonly place: string;
  readonly tables: readonly string[];
  readonly schema: CollectionSchema;
  /** `undefined`: no table wants one. */
  readonly wanted?: { readonly shape: DocumentShape; readonly action: SchemaAction };
}

/** The collections of these tables, each with all tables of the sync file that go there. */
export function collectionPlans(client: mongo.MongoClient, plans: readonly TablePlan[]): CollectionPlan[] {
  const groups = new Map<string, TablePlan[]>();
  for (const plan of plans) {
    if (!plan.settings.mongo.enabled) continue;
    const { id } = placeOf('mongo', plan.settings);
    const group = groups.get(id);
    if (group) group.push(plan);
    else groups.set(id, [plan]);
  }
  return [...groups].map(([place, group]) => {
    const { database, collection } = group[0]!.settings.mongo;
    const wanted = wantedBy(group);
    return {
      ...{ place, tables: group.map(({ settings }) => settings.table) },
      schema: new CollectionSchema(client.db(database), collection),
      ...(wanted && { wanted }),
    };
  });
}

function wantedBy(group: readonly TablePlan[]): CollectionPlan['wanted'] {
  const actions = group.map(({ settings }) => settings.mongo.validator);
  const action = actions.includes('error') ? 'error' : actions.includes('warn') ? 'warn' : undefined;
  if (!action) return undefined;
  // Also the rows of a table that wants none itself are written there.
  const shapes = group.map(({ schema, settings }) => documentShape(schema, settings));
  return { shape: shapes.reduce(unionOf), action };
}

export async function schemaState({ schema, wanted }: CollectionPlan): Promise<SchemaState> {
  return stateOf(await schema.read(), wanted);
}

function stateOf(held: HeldSchema, wanted: CollectionPlan['wanted']): SchemaState {
  if (!wanted) return held.kind === 'ours' ? 'left over' : 'off';
  if (held.kind === 'foreign') return 'foreign';
  if (held.kind === 'none') return 'missing';
  if (held.action !== wanted.action || !covers(held.shape, wanted.shape)) return 'outdated';
  return sameShape(held.shape, wanted.shape) ? 'current' : 'wider';
}

/** What to do about a validator that is not as the sync file says. */
export const schemaRemedies: Readonly<Partial<Record<SchemaState, string>>> = {
  wider: 'its validator also takes rows of earlier columns; tributary targets install narrows it.',
  outdated: "its validator is not that of the tables' columns; run tributary targets install.",
  missing:
    'it has no validator yet: the sink makes it before the next row, or tributary targets install does.',
  foreign: 'it has a validator that Tributary did not make; mongo.validator is not kept there.',
  'left over':
    'it has a validator of ours that no table asks for any more; tributary targets install removes it.',
};
