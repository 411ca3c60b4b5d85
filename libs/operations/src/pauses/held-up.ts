import type { Connection } from '@tributary/capture';
import type { TargetName } from '@tributary/sync-config';
import type { ConnectedTarget } from '@tributary/targets';
import type { PauseNote } from '@tributary/topics';
import type { OperationContext } from '../context';
import type { LeftOut } from '../tables/misfits';
import type { OpenTargets } from '../targets/open-targets';
import { backlogsIn } from './left-out';
import { pauseNotes } from './pause-notes';
import { parkedTables } from './pause-state';

/** A table that is behind because somebody paused it, now or until a moment ago. */
export interface HeldUp extends LeftOut {
  /** In this target only. */
  readonly target?: TargetName;
}

/** The command that ends a pause. */
export const resumeCommand = ({ table, target }: Pick<PauseNote, 'table' | 'target'>) =>
  `tributary resume --table ${table}${target === undefined ? '' : ` --target ${target}`}`;

/** A pause as a reason why a table is left out. */
export function pausedText(note: Omit<PauseNote, 'kind'>): Pick<LeftOut, 'code' | 'reason' | 'remedy'> {
  const { target, by, reason, at } = note;
  const where = target === undefined ? '' : ` in ${target}`;
  return {
    code: 'PAUSED',
    reason: `It was paused${where} by ${by} at ${at}${reason === '' ? '' : ` (${reason})`}.`,
    remedy: `End it with: ${resumeCommand(note)}`,
  };
}

const catchingUp = (what: string) => ({
  code: 'PAUSED',
  reason: `It was paused until a moment ago, and ${what}.`,
  remedy: 'Look again in a moment.',
});

/** Tables that lack changes in these targets because of a pause: while it stands, and until what waited has come. */
export async function heldUpTables(
  context: OperationContext,
  connection: Connection,
  targets: OpenTargets,
): Promise<HeldUp[]> {
  // From the source on: what moves on meanwhile is found at a later station.
  const parked = await parkedTables(connection, context.servers.config.captureSchema);
  const behind: HeldUp[] = [];
  for (const [{ name }, connected] of targets)
    for (const table of await tablesBehind(context, name, connected))
      behind.push({
        table,
        target: name,
        ...catchingUp('its sink has not gone back yet to what it has left out'),
      });
  const asked = [undefined, ...[...targets.keys()].map(({ name }) => name)];
  const notes = (await pauseNotes(context)).filter(({ target }) => asked.some((name) => name === target));
  const isPaused = (of: string, target: TargetName | undefined) =>
    notes.some((note) => note.table === of && note.target === target);
  return [
    ...notes.map((note) => ({
      ...{ table: note.table, ...pausedText(note) },
      ...(note.target !== undefined && { target: note.target as TargetName }),
    })),
    ...parked
      .filter(({ table }) => !isPaused(table, undefined))
      .map(({ table, entries }) => ({
        table,
        ...catchingUp(`${entries} changes of it that waited are being published`),
      })),
    ...behind.filter(({ table, target }) => !isPaused(table, target)),
  ];
}

/** The tables of which a target's sink has left something out. */
async function tablesBehind(
  context: OperationContext,
  target: TargetName,
  connected: ConnectedTarget,
): Promise<string[]> {
  const behind = new Set<string>();
  for (const backlog of await backlogsIn(context, target, connected))
    for (const table of await backlog.tables()) if ((await backlog.of(table)).size > 0) behind.add(table);
  return [...behind];
}
