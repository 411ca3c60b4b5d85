import type { mongo } from 'mongoose';
import type { PlaceSchema, SchemaState } from '../../place-schema';
import type { ViewedTable } from '../../target-view';
import { mongoPlace } from '../mongo-place';
import { CollectionSchema, type HeldSchema, type SchemaAction } from './collection-schema';
import { covers, documentShape, sameShape, unionOf, type DocumentShape } from './document-shape';

/** The validator that tables want; `undefined`: none wants one. */
type Wanted = { readonly shape: DocumentShape; readonly action: SchemaAction } | undefined;

/** The collections of these tables, each with all tables of the sync file that go there. */
export function collectionSchemas(client: mongo.MongoClient, plans: readonly ViewedTable[]): PlaceSchema[] {
  const groups = new Map<string, ViewedTable[]>();
  for (const plan of plans) {
    if (!plan.settings.mongo.enabled) continue;
    const { id } = mongoPlace(plan.settings);
    const group = groups.get(id);
    if (group) group.push(plan);
    else groups.set(id, [plan]);
  }
  return [...groups].map(([place, group]) => {
    const { database, collection } = group[0]!.settings.mongo;
    const schema = new CollectionSchema(client.db(database), collection);
    const wanted = wantedBy(group);
    return {
      ...{ place, tables: group.map(({ settings }) => settings.table) },
      state: async () => stateOf(await schema.read(), wanted),
      async install() {
        if (wanted) await schema.replace(wanted.shape, wanted.action);
        else await schema.remove();
      },
      remedy: (state) => remedies[state],
      untouched: (state) => (state === 'foreign' ? UNTOUCHED : undefined),
    };
  });
}

function wantedBy(group: readonly ViewedTable[]): Wanted {
  const actions = group.map(({ settings }) => settings.mongo.validator);
  const action = actions.includes('error') ? 'error' : actions.includes('warn') ? 'warn' : undefined;
  if (!action) return undefined;
  // Also the rows of a table that wants none itself are written there.
  const shapes = group.map(({ schema, settings }) => documentShape(schema, settings));
  return { shape: shapes.reduce(unionOf), action };
}

function stateOf(held: HeldSchema, wanted: Wanted): SchemaState {
  if (!wanted) return held.kind === 'ours' ? 'left over' : 'off';
  if (held.kind === 'foreign') return 'foreign';
  if (held.kind === 'none') return 'missing';
  if (held.action !== wanted.action || !covers(held.shape, wanted.shape)) return 'outdated';
  return sameShape(held.shape, wanted.shape) ? 'current' : 'wider';
}

const UNTOUCHED =
  'it has a validator that Tributary did not make: remove that one, or leave mongo.validator off';

const remedies: Readonly<Partial<Record<SchemaState, string>>> = {
  wider: 'its validator also takes rows of earlier columns; tributary targets install narrows it.',
  outdated: "its validator is not that of the tables' columns; run tributary targets install.",
  missing:
    'it has no validator yet: the sink makes it before the next row, or tributary targets install does.',
  foreign: 'it has a validator that Tributary did not make; mongo.validator is not kept there.',
  'left over':
    'it has a validator of ours that no table asks for any more; tributary targets install removes it.',
};
