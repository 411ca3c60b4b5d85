import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '@tributary/kernel';
import type { Connection } from './connection';
import { explained } from './explained';
import { isPassing } from './failure';

const TRIES = 4;

/** A call that may be made twice: again where the network failed. Rejects with a SyncError. */
export async function call<T extends { readonly serverSideSessionId: string }>(
  connection: Connection,
  ask: (connection: Connection) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await ask(connection);
      connection.observe(answer);
      return answer;
    } catch (error) {
      if (attempt === TRIES || !isPassing(error)) throw await explained(connection, error);
      await sleep(backoffMs(attempt, 200, 2000));
    }
  }
}
