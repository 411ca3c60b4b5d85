import type { AnswerOf } from '@tributary/console-api';

/** How something stands, for colours and for words that say it to those who see none. */
export type Tone = 'ok' | 'busy' | 'warn' | 'trouble' | 'quiet';

type VerdictCode = AnswerOf<'trace'>['verdict']['code'];
type Severity = AnswerOf<'overview'>['verdict']['severity'];

export const toneOfSeverity = {
  ok: 'ok',
  warn: 'warn',
  trouble: 'trouble',
} as const satisfies Record<Severity, Tone>;

/** On its way is no trouble; refused, or changed by somebody else, is. */
export const toneOfVerdict = {
  IN_SYNC: 'ok',
  DELETED: 'ok',
  SUPERSEDED: 'ok',
  IN_LOG: 'busy',
  BEFORE_VALIDATOR: 'busy',
  BEFORE_SINK: 'busy',
  PAUSED: 'warn',
  NOT_CAPTURED: 'warn',
  NEVER_LOADED: 'warn',
  DEAD_LETTER: 'trouble',
  TARGET_AHEAD: 'trouble',
  FOREIGN_EDIT: 'trouble',
} as const satisfies Record<VerdictCode, Tone>;

const tones = new Map<string, Tone>(
  Object.entries({
    // stages, tables
    running: 'ok',
    waiting: 'warn',
    stopped: 'trouble',
    active: 'ok',
    paused: 'warn',
    suspended: 'trouble',
    excluded: 'quiet',
    // snapshots, verifications
    queued: 'quiet',
    done: 'ok',
    failed: 'trouble',
    cancelled: 'quiet',
    equal: 'ok',
    different: 'trouble',
    incomplete: 'warn',
    lost: 'trouble',
    // rows in a target, events
    missing: 'trouble',
    extra: 'trouble',
    stale: 'trouble',
    index: 'trouble',
    applied: 'ok',
    superseded: 'quiet',
    // actions
    refused: 'warn',
  }),
);

/** Of a state by its name; of one that this page does not know, none in particular. */
export const toneOfState = (state: string): Tone => tones.get(state) ?? 'quiet';

/** A job under way is no result yet, so it is not green. */
export const toneOfJob = (state: string): Tone => (state === 'running' ? 'busy' : toneOfState(state));

/** Green below `usual` seconds, red from ten times that on. */
export function toneOfLag(seconds: number | null, usual = 10): Tone {
  if (seconds === null) return 'quiet';
  if (seconds < usual) return 'ok';
  return seconds < usual * 10 ? 'warn' : 'trouble';
}
