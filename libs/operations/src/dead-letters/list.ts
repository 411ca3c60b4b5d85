import { DeadLetterStore, type DeadLetter, type DeadLetterFilter } from '@tributary/dead-letters';
import type { OperationContext } from '../context';

export interface DeadLetterList {
  /** How many open ones fit. */
  readonly total: number;
  /** The newest of them, in the order of their times. */
  readonly newest: readonly DeadLetter[];
}

/** The open dead letters that fit. */
export async function listDeadLetters(
  { servers, signal }: OperationContext,
  { filter, limit }: { readonly filter: DeadLetterFilter; readonly limit: number },
): Promise<DeadLetterList> {
  const open = await new DeadLetterStore(servers.kafka, servers.config.topics).open();
  let total = 0;
  let newest: DeadLetter[] = [];
  const cutDown = () => (newest = newest.sort((a, b) => a.at.localeCompare(b.at)).slice(-limit));
  for await (const piece of open.pieces(filter)) {
    signal?.throwIfAborted();
    total += piece.length;
    for (const { deadLetter } of piece) newest.push(deadLetter);
    if (newest.length > 2 * limit) cutDown();
  }
  cutDown();
  return { total, newest };
}
