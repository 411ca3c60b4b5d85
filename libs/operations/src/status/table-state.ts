import { suspensionOf, type UsablePlan } from '@tributary/capture';
import type { PauseNote, SuspensionNote } from '@tributary/topics';
import type { Transport } from '@tributary/transport';
import { sinkApp, type SyncConfig } from '@tributary/sync-config';
import { pausedText } from '../pauses/held-up';
import { readNotes } from '../read-notes';
import type { PauseState } from '../pauses/pause-state';

/** Why a stage leaves a table out. */
export interface StageSuspension {
  /** The service that leaves it out. */
  readonly stage: string;
  /** Upper case, stable; docs/operations.md lists all. */
  readonly code: string;
  /** One sentence: what is wrong. */
  readonly reason: string;
  /** One sentence: what to do. */
  readonly remedy: string;
  /** ISO time; `null`: no relay has noticed it yet. */
  readonly since: string | null;
}

/** How a table stands (R15). */
export interface TableState {
  readonly state: 'active' | 'suspended' | 'excluded';
  /** Why it is not active, and what to do; of several reasons the first. `null`: it is. */
  readonly reason: string | null;
  readonly remedy: string | null;
  /** Of a suspended table, at least one; a table can be suspended in one sink alone. */
  readonly suspensions: readonly StageSuspension[];
}

const RELAY = 'trigger-relay';
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

export const activeTable: TableState = { state: 'active', reason: null, remedy: null, suspensions: [] };

/** What the services have said of tables that they leave out, and who has paused some. */
export async function leftOutNotes(
  kafka: Transport,
  config: SyncConfig,
): Promise<{ readonly suspended: SuspensionNote[]; readonly paused: PauseNote[] }> {
  return readNotes({ kafka, config }, quiet, (notes) => ({
    suspended: notes.of('suspended'),
    paused: notes.of('paused'),
  }));
}

/** Of each table that is not active: what the source shows now, and what the stages have said. */
export function tableStates(
  { faults, skipped }: Pick<UsablePlan, 'faults' | 'skipped'>,
  notes: readonly SuspensionNote[],
  pauses: readonly PauseState[] = [],
): Map<string, TableState> {
  const states = new Map<string, TableState>(
    skipped
      .filter(({ code }) => code === 'EXCLUDED')
      .map(({ table, reason }) => [table, { ...activeTable, state: 'excluded', reason }]),
  );
  const suspend = (table: string, { stage, code, reason, remedy, since }: StageSuspension) => {
    const known = states.get(table);
    // What a sink said of a table before it was excluded is over.
    if (known?.state === 'excluded') return;
    const others = known?.suspensions ?? [];
    if (others.some((other) => other.stage === stage && other.code === code)) return;
    const all = [...others, { stage, code, reason, remedy, since }];
    states.set(table, {
      state: 'suspended',
      reason: all[0]!.reason,
      remedy: all[0]!.remedy,
      suspensions: all,
    });
  };
  const said = (table: string, code: string) =>
    notes.find((note) => note.app === RELAY && note.table === table && note.code === code)?.since ?? null;
  for (const fault of faults) {
    const { table, code, reason, remedy } = suspensionOf(fault);
    suspend(table, { stage: RELAY, code, reason, remedy, since: said(table, code) });
  }
  for (const note of notes) suspend(note.table, { ...note, stage: note.app });
  for (const { table, target, by, reason, at } of pauses) {
    const of = target === null ? {} : { target };
    const stage = target === null ? RELAY : sinkApp(target);
    suspend(table, { stage, since: at, ...pausedText({ table, by, reason, at, ...of }) });
  }
  return states;
}

/** A sentence for each trouble of a table. */
export const suspensionText = (table: string, { stage, code, reason, remedy, since }: StageSuspension) =>
  `${table} is suspended in ${stage} (${code})${since === null ? '' : ` since ${since}`}: ${reason} ${remedy}`;
