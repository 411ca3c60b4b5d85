import { within } from '@tributary/kernel';
import type { TargetName } from '@tributary/sync-config';
import {
  Backlog,
  backlogGroup,
  loadsNotes,
  notesGroupOf,
  targetPlugin,
  type ConnectedTarget,
} from '@tributary/targets';
import { consumerGroups } from '@tributary/topics';
import { readTopic } from '@tributary/transport';
import type { OperationContext } from '../context';
import { ownPipeline } from '../targets/places';

type Context = Pick<OperationContext, 'servers' | 'log'>;

/** Of a question that a pause waits for: the target may be why somebody pauses. */
const PATIENCE_MS = 10_000;

/**
 * What the sink of a target has left out of tables and not read again yet: of live changes, and of bulk records of loads. None
 * before a relay has led.
 */
export async function backlogsIn(
  context: Context,
  target: TargetName,
  { places, sweepNotes }: ConnectedTarget,
): Promise<Backlog[]> {
  const ours = await ownPipeline(context, { kafka: true, mysql: false });
  if (ours.pipeline === undefined) return [];
  const group = consumerGroups(context.servers.config).sink(target);
  const name = await notesGroupOf(places, group, { pipeline: ours.pipeline, name: ours.name });
  return [name, loadsNotes(name)].map((notes) => new Backlog(sweepNotes(backlogGroup(notes))));
}

/**
 * When the oldest event came to its topic that a target's sink has left out of each of these tables and not read again yet, ISO
 * time; tables of which it lacks none are not in it. Throws a SyncError when the target or Kafka does not answer in time.
 */
export function leftOutSince(
  context: Context,
  target: TargetName,
  tables: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  return within(look(context, target, tables), PATIENCE_MS, () => {
    throw new Error(`no answer within ${PATIENCE_MS / 1000} s`);
  });
}

async function look(context: Context, target: TargetName, tables: readonly string[]) {
  const since = new Map<string, string>();
  const { validated, validatedLoads } = context.servers.config.topics;
  const [live, loads] = await backlogsIn(context, target, await context.servers.target(targetPlugin(target)));
  for (const table of tables) {
    const oldest = [
      await oldestOf(context, validated, table, live),
      await oldestOf(context, validatedLoads, table, loads),
    ].filter((ms) => ms !== undefined);
    if (oldest.length > 0) since.set(table, new Date(Math.min(...oldest)).toISOString());
  }
  return since;
}

async function oldestOf(context: Context, topic: string, table: string, backlog: Backlog | undefined) {
  const gaps = (await backlog?.of(table)) ?? new Map<number, { from: bigint }>();
  return oldestAt(context, topic, new Map([...gaps].map(([partition, gap]) => [partition, gap.from])));
}

/** When the oldest of the records at these offsets came, or where one is gone, the one behind it; UTC milliseconds. */
async function oldestAt(
  { servers: { kafka } }: Context,
  topic: string,
  from: ReadonlyMap<number, bigint>,
): Promise<number | undefined> {
  const times = new Map<number, number>();
  if (from.size > 0)
    for await (const { partition, records } of readTopic(kafka, topic, from)) {
      const [first] = records;
      if (first && !times.has(partition)) times.set(partition, Number(first.timestamp));
      if (times.size === from.size) break;
    }
  return times.size === 0 ? undefined : Math.min(...times.values());
}
