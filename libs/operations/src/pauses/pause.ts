import { planUsable } from '@tributary/capture';
import { fatal } from '@tributary/kernel';
import { targetSettings, type TargetName } from '@tributary/sync-config';
import type { PauseNote } from '@tributary/topics';
import type { OperationContext } from '../context';
import { explain } from '../explain';
import { chosenNames } from '../tables/chosen-tables';
import { requireTarget } from './known-target';
import { leftOutSince } from './left-out';
import { pauseNotes, writeNotes } from './pause-notes';
import { parkedTables, pauseStates, type PauseState } from './pause-state';

export interface PauseInput {
  /** `database.table`, where `*` stands for any characters. */
  readonly table: string;
  /** Only what goes to this target; `undefined`: the relay publishes nothing of the table. */
  readonly target?: TargetName | undefined;
  /** Who pauses it. */
  readonly by: string;
  readonly reason?: string | undefined;
}

export interface PauseResult {
  /** All that are meant. */
  readonly paused: readonly PauseState[];
  /** Those of them that were so already, with the reason of then. */
  readonly before: readonly string[];
  /** Every pause of these tables, whatever its target. */
  readonly standing: readonly PauseState[];
}

/**
 * Pauses tables: the services see it within seconds and go on with the others. Throws a SyncError when no table is meant,
 * or one does not go to the target.
 */
export async function pauseTable(context: OperationContext, input: PauseInput): Promise<PauseResult> {
  const { servers, signal } = context;
  const { target, by, reason = '' } = input;
  requireTarget(target);
  const connection = await servers.mysql();
  const tables = chosenNames(await knownTables(connection, context), input.table).filter((table) =>
    takes(context, table, target),
  );
  if (tables.length === 0)
    throw fatal(
      'TABLE',
      `The sync file does not send ${input.table} to ${target}: there is nothing to pause.`,
    );
  await requireTopics(context);
  signal?.throwIfAborted();
  const notes = (await pauseNotes(context)).filter((note) => tables.includes(note.table));
  const held = notes.filter((note) => note.target === target);
  const before = held.map(({ table }) => table);
  const at = new Date().toISOString();
  const fresh = tables.filter((table) => !before.includes(table));
  const since = await lateSince(context, target, fresh);
  const made = fresh.map((table): PauseNote => {
    const left = since.get(table);
    return { kind: 'paused', table, ...(target && { target }), by, reason, at, ...(left && { since: left }) };
  });
  await writeNotes(context, async (notes, publisher) => {
    for (const note of made) await notes.put(publisher, note);
  });
  const parked = await parkedTables(connection, servers.config.captureSchema);
  const all = [...notes, ...made].sort((a, b) => (a.table < b.table ? -1 : 1));
  const standing = await pauseStates(context, parked, all);
  return { paused: standing.filter((one) => one.target === (target ?? null)), before, standing };
}

/** When what the sink still lacks of an earlier pause came; nothing where the target cannot be asked, which is said. */
async function lateSince(
  context: OperationContext,
  target: TargetName | undefined,
  tables: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (target === undefined || tables.length === 0) return new Map();
  try {
    if (context.servers.env.targets[target] !== undefined) return await leftOutSince(context, target, tables);
  } catch (error) {
    context.note(
      `${target} does not say whether its sink still lacks something of an earlier pause ; the time that Kafka keeps it counts from now on. ${explain(error)}`,
    );
  }
  return new Map();
}

/** Also those that cannot be captured now: they may be again. */
async function knownTables(
  connection: Awaited<ReturnType<OperationContext['servers']['mysql']>>,
  { servers }: OperationContext,
): Promise<string[]> {
  const { plan, faults } = await planUsable(connection, servers.config);
  const names = [...plan.plans.map(({ schema }) => schema.table), ...faults.map(({ table }) => table)];
  return [...new Set(names)].sort();
}

function takes({ servers }: OperationContext, table: string, target: TargetName | undefined): boolean {
  if (target === undefined) return true;
  const settings = servers.config.table(table);
  return settings !== undefined && targetSettings(settings, target).enabled;
}

async function requireTopics({ servers }: OperationContext): Promise<void> {
  const { notes } = servers.config.topics;
  if (!(await servers.kafka.admin().topics()).has(notes))
    throw fatal('TOPICS', `Topic ${notes} does not exist: start the services first, which make it.`);
}
