import { fatal } from '@tributary/kernel';
import type { TargetName } from '@tributary/sync-config';
import type { PauseNote } from '@tributary/topics';
import type { OperationContext } from '../context';
import { matchesTable } from '../tables/chosen-tables';
import { requireTarget } from './known-target';
import { pauseNotes, writeNotes } from './pause-notes';
import { parkedTables, pauseStates, type PauseState } from './pause-state';

export interface ResumeInput {
  /** `database.table`, where `*` stands for any characters. */
  readonly table: string;
  /** In this target only; `undefined`: where the relay publishes nothing of the table. */
  readonly target?: TargetName | undefined;
}

export interface ResumeResult {
  /** As they were: what waited, and for how long Kafka would still have kept it. */
  readonly resumed: readonly PauseState[];
  /** The pauses of these tables that still stand, for other targets. */
  readonly standing: readonly PauseState[];
}

/**
 * Ends pauses: what waited comes in order, beside the others' changes. Throws a SyncError that lists what is paused when
 * nothing that is meant is.
 */
export async function resumeTable(
  context: OperationContext,
  { table, target }: ResumeInput,
): Promise<ResumeResult> {
  requireTarget(target);
  const all = await pauseNotes(context);
  const meant = all.filter((note) => note.target === target && matchesTable(table, note.table));
  if (meant.length === 0) throw fatal('TABLE', notPaused(table, target, all));
  context.signal?.throwIfAborted();
  const parked = await parkedTables(await context.servers.mysql(), context.servers.config.captureSchema);
  const resumed = await pauseStates(context, parked, meant);
  const tables = new Set(meant.map((note) => note.table));
  const left = all.filter((note) => tables.has(note.table) && !meant.includes(note));
  const standing = await pauseStates(context, parked, left);
  await writeNotes(context, async (notes, publisher) => {
    for (const note of meant) await notes.remove(publisher, note);
  });
  return { resumed, standing };
}

function notPaused(table: string, target: TargetName | undefined, all: readonly PauseNote[]): string {
  const where = target === undefined ? '' : ` in ${target}`;
  const others = all.map((note) => `${note.table}${note.target ? ` (--target ${note.target})` : ''}`);
  return `${table} is not paused${where}: ${others.length === 0 ? 'no table is.' : `paused are ${others.join(', ')}.`}`;
}
