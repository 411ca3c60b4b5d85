import type { PauseState, TableStatus } from '@tributary/operations';
import type { Answer } from '../http/answer';

const HOUR_SECONDS = 3_600;

/** How a table stands: one that an operator paused is `paused`, unless something else is wrong with it too. */
export function standingOf({
  state,
  suspensions,
}: Pick<TableStatus, 'state' | 'suspensions'>): TableStatus['state'] | 'paused' {
  const isOther = suspensions.length === 0 || suspensions.some(({ code }) => code !== 'PAUSED');
  return state === 'suspended' && !isOther ? 'paused' : state;
}

type Pause = Answer<'tables'>['tables'][number]['paused'][number];

export const pauseLine = ({ target, at, by, reason, waiting, hoursLeft }: PauseState): Pause => ({
  ...{ target, since: at, by, reason: reason || null },
  waiting: waiting?.entries ?? null,
  headroomSeconds: hoursLeft === null ? null : hoursLeft * HOUR_SECONDS,
});
