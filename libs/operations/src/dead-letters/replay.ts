import { SchemaStore } from '@tributary/topics';
import { readEnv, type Needs } from '@tributary/service';
import type { VersionReader } from '@tributary/targets';
import type { TargetName } from '@tributary/sync-config';
import type { OperationContext } from '../context';
import { openTargets, usedPlugins } from '../targets/open-targets';
import { ReplayRun, type ReplayResult } from './replay-run';
import { inBatches, type DeadLetterSelection } from './selection';
import { withPublisher } from '../with-publisher';

export interface ReplayInput extends DeadLetterSelection {
  /** Wait for what becomes of the events, and look it up in the targets. */
  readonly wait: boolean;
  /** How long the services may stand still before they are not waited for, milliseconds. */
  readonly patienceMs: number;
}

/** Only the targets that the sync file uses are asked for, and none without waiting. */
export function replayNeeds({ wait }: Pick<ReplayInput, 'wait'>): Needs {
  return { kafka: true, targets: wait ? usedPlugins(readEnv({}).config) : [] };
}

/** Sends dead letters through the pipeline again; versions keep newer states safe (R4). */
export async function replayDeadLetters(
  context: OperationContext,
  input: ReplayInput,
): Promise<ReplayResult> {
  const { servers, log, note, signal } = context;
  const targets = await openTargets(servers, input.wait ? usedPlugins(servers.config) : []);
  const readers = new Map<TargetName, VersionReader>(
    [...targets].map(([{ name }, { versions }]) => [name, versions]),
  );
  const schemas = new SchemaStore(servers.kafka, servers.config.topics.schemas, log);
  const replayed = withPublisher(context, async (publisher) => {
    const patience = { patienceMs: input.patienceMs, onStage: note, ...(signal && { signal }) };
    const run = new ReplayRun({ servers, publisher, schemas, readers, patience });
    let started = false;
    await inBatches(context, input, async (batch) => {
      // Where there is a dead letter, there is a topic of schemas.
      if (!started) await schemas.start();
      started = true;
      await run.batch(batch);
    });
    return run.result;
  });
  try {
    return await replayed;
  } finally {
    await schemas.stop();
  }
}

/** Whether all was sent, and applied or superseded as far as that was asked for. */
export const isReplayed = ({ rejectedAgain, notReplayable, waitsFor, targets }: ReplayResult): boolean =>
  rejectedAgain === 0 &&
  notReplayable === 0 &&
  waitsFor === null &&
  [...targets.values()].every(({ pending }) => pending === 0);
