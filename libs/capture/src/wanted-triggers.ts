import type { TablePlan } from './describe';
import { normalBody, type OwnTrigger } from './existing-triggers';
import type { Doubts } from './ignore-statements';
import { rowEvents, triggerBody, type TriggerEvent, type TriggerTarget } from './trigger-sql';
import { usualChange, type UsualChange } from './usual-change';

/** A trigger as it should be. */
export interface WantedTrigger {
  readonly event: TriggerEvent;
  readonly body: string;
}

/** A trigger's own block, before it is framed (trigger-frame.ts). */
export interface OwnBlock extends WantedTrigger {
  readonly usual?: UsualChange;
}

/** The triggers of a table for its own rows. */
export const rowTriggers = (plan: TablePlan, target: TriggerTarget, doubts?: Doubts): OwnBlock[] =>
  rowEvents.map((event) => ({
    event,
    body: triggerBody(plan, event, target, doubts),
    usual: usualChange(plan, event, target, doubts),
  }));

/** Whether a table has exactly the triggers that it should have, with the right text, definer and sql_mode. */
export function upToDate(
  wanted: readonly WantedTrigger[],
  existing: readonly OwnTrigger[],
  definer: string,
): boolean {
  return (
    existing.length === wanted.length &&
    wanted.every(({ event, body }) =>
      existing.some(
        (trigger) =>
          trigger.event === event &&
          trigger.body === normalBody(body) &&
          trigger.definer === definer &&
          !trigger.overtaken &&
          effectiveMode(trigger.sqlMode) === '',
      ),
    )
  );
}

/** mysql2 turns IGNORE_SPACE on for its sessions; it changes nothing in our texts. */
const effectiveMode = (mode: string) =>
  mode
    .split(',')
    .filter((part) => part !== 'IGNORE_SPACE')
    .join(',');
