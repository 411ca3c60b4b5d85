import { captureRows, planUsable, type TablePlan } from '@tributary/capture';
import { hasErrno, mysqlErrno } from '@tributary/kernel';
import { targetSettings, type TableSettings } from '@tributary/sync-config';
import { PipelineNotes } from '@tributary/topics';
import {
  standing,
  type Asker,
  type ConnectedTarget,
  type PipelineIdentity,
  type Standing,
  type TargetPlugin,
} from '@tributary/targets';
import type { OperationContext } from '../context';
import type { Servers } from '../servers';
import type { OpenTargets } from './open-targets';

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
  readonly target: TargetPlugin;
  readonly connected: ConnectedTarget;
  readonly settings: TableSettings;
  readonly standing: Standing;
}

/** Where the rows of these tables go, and how the pipeline stands there. */
export async function placesOf(
  targets: OpenTargets,
  plans: readonly Pick<TablePlan, 'settings'>[],
  asker: Asker,
): Promise<TablePlace[]> {
  const found: TablePlace[] = [];
  for (const [target, connected] of targets) {
    const used = plans
      .map(({ settings }) => ({ settings, ...targetSettings(settings, target.name) }))
      .filter(({ enabled }) => enabled);
    const records = await connected.places.all(used.map(({ settings }) => target.place(settings).database));
    for (const { settings, shared } of used)
      found.push({
        ...{ target, connected, settings },
        standing: standing(target.place(settings), shared, records, asker),
      });
  }
  return found;
}

/** Every table of the sync file that the source has and that can be captured. */
export async function usablePlans(servers: Servers): Promise<readonly TablePlan[]> {
  return (await planUsable(await servers.mysql(), servers.config)).plan.plans;
}
