import { type Rejection } from '@tributary/contract';
import { SyncError, transient, errorText, withoutValues } from '@tributary/kernel';

/**
 * A row's own fault: the key holds another kind of value, or the row is longer than Redis takes. Whatever else Redis
 * says (OOM, READONLY, LOADING, CLUSTERDOWN, TRYAGAIN, MASTERDOWN, NOREPLICAS, MISCONF, BUSY, NOPERM, a broken
 * connection) is about the server and passes, perhaps with a person's help: never a reason for a dead letter (R11).
 */
const ROW_FAULT = /^WRONGTYPE|^ERR string exceeds maximum/;

/** The script itself failed, on one of its rows. */
const SCRIPT_FAULT = /user_script:\d+:|Error running script/;

export const isRowFault = (message: string) => ROW_FAULT.test(message);
/** The code of a command that failed within a script, behind the place in the script: older servers say it so. */
const CALLED = /^-?(?!ERR string exceeds|WRONGTYPE)[A-Z]{2,}\b/;

/**
 * Whether the script failed on a row by itself. What a command in it was answered is about the server, as elsewhere, unless
 * it is known as a row's fault: nobody knows all codes of hosted servers.
 */
export const isScriptFault = (message: string) =>
  SCRIPT_FAULT.test(message) &&
  !/^ERR ACL|OOM|READONLY/.test(message) &&
  !CALLED.test(message.split(/@?user_script:\s?\d+:\s*/).at(-1)!);

export function redisTrouble(error: unknown): SyncError {
  if (error instanceof SyncError) return error;
  return transient(
    'REDIS',
    `Redis does not take writes at the moment: ${redisReason(error)}; waiting for it (REDIS_URL).`,
    error,
  );
}

/** What Redis or its client says, in words that mean something to a reader. */
export function redisReason(error: unknown): string {
  const message = errorText(error);
  return /writeable|Connection is closed|max retries per request/i.test(message)
    ? 'the connection is down'
    : firstSentence(message);
}

/** The dead letter's reason for a row that Redis refused. */
export function redisRefusal(message: string): Rejection {
  const why = message.startsWith('WRONGTYPE')
    ? `a key of this row (its own, its tombstone or its index set) holds another type of value; remove it or choose another layout, then replay`
    : firstSentence(withoutValues(message));
  return { code: 'TARGET_REJECTED', reason: `Redis refused the row: ${why}` };
}

const firstSentence = (message: string) => message.replace(/\s*script: .*$|[.\s]+$/s, '').slice(0, 300);
