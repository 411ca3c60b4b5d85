import { captureRows, planUsable, type TablePlan } from '@tributary/capture';
import { hasErrno, mysqlErrno } from '@tributary/kernel';
import { PipelineNotes } from '@tributary/topics';
import type { TableSettings } from '@tributary/sync-config';
import {
  MongoPlaces,
  RedisPlaces,
  placeOf,
  standing,
  type Asker,
  type PipelineIdentity,
  type PlaceStore,
  type PlaceTarget,
  type Standing,
} from '@tributary/targets';
import type { OperationContext } from '../context';
import type { Servers } from '../servers';

export type PlaceStores = Partial<Record<PlaceTarget, PlaceStore>>;

/** The bookkeeping of these targets. */
export async function placeStores(servers: Servers, targets: readonly PlaceTarget[]): Promise<PlaceStores> {
  const stores: PlaceStores = {};
  if (targets.includes('mongo')) {
    const client = await servers.mongo();
    stores.mongo = new MongoPlaces({ getClient: () => client });
  }
  if (targets.includes('redis')) stores.redis = new RedisPlaces(await servers.redis());
  return stores;
}

/** This sync file's pipeline; without an identity when no relay has led yet. */
export type Ours = Asker & Partial<PipelineIdentity>;

/** Who asks: as Kafka says, else as the capture schema does, else only a name. */
export async function ownPipeline(
  { servers, log }: Pick<OperationContext, 'servers' | 'log'>,
  { kafka, mysql }: { readonly kafka: boolean; readonly mysql: boolean },
): Promise<Ours> {
  const { config } = servers;
  if (kafka) {
    const said = await onKafka(servers, log);
    if (said) return said;
  }
  const [row] = mysql ? await storedPipeline(servers) : [];
  const pipeline: unknown = row?.['pipeline'];
  return { name: config.prefix, ...(typeof pipeline === 'string' && pipeline !== '' && { pipeline }) };
}

async function onKafka(servers: Servers, log: OperationContext['log']): Promise<Ours | undefined> {
  const { notes: topic } = servers.config.topics;
  if (!(await servers.kafka.admin().topics()).has(topic)) return undefined;
  const notes = new PipelineNotes(servers.kafka, topic, log);
  try {
    await notes.refresh();
    return notes.identity;
  } finally {
    await notes.close();
  }
}

async function storedPipeline(servers: Servers) {
  try {
    return await captureRows(
      await servers.mysql(),
      servers.config.captureSchema,
      (table) => `SELECT pipeline FROM ${table('relay_state')} LIMIT 1`,
    );
  } catch (error) {
    // The capture schema of an older release.
    if (hasErrno(error, mysqlErrno.BAD_FIELD)) return [];
    throw error;
  }
}

/** A table's place in one target and whose it is. */
export interface TablePlace {
  readonly target: PlaceTarget;
  readonly settings: TableSettings;
  readonly standing: Standing;
}

/** Where the rows of these tables go, and how the pipeline stands there. */
export async function placesOf(
  stores: PlaceStores,
  plans: readonly Pick<TablePlan, 'settings'>[],
  asker: Asker,
): Promise<TablePlace[]> {
  const found: TablePlace[] = [];
  for (const target of ['mongo', 'redis'] as const) {
    const store = stores[target];
    if (!store) continue;
    const used = plans.filter(({ settings }) => settings[target].enabled);
    const records = await store.all(used.map(({ settings }) => placeOf(target, settings).database));
    for (const { settings } of used)
      found.push({
        ...{ target, settings },
        standing: standing(placeOf(target, settings), settings[target].shared, records, asker),
      });
  }
  return found;
}

/** Every table of the sync file that the source has and that can be captured. */
export async function usablePlans(servers: Servers): Promise<readonly TablePlan[]> {
  return (await planUsable(await servers.mysql(), servers.config)).plan.plans;
}
