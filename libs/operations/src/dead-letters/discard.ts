import { DeadLetterStore } from '@tributary/dead-letters';
import type { OperationContext } from '../context';
import { inBatches, type DeadLetterSelection } from './selection';
import { withPublisher } from '../with-publisher';

/** Resolves dead letters without replaying them; answers how many. */
export async function discardDeadLetters(
  context: OperationContext,
  selection: DeadLetterSelection,
): Promise<number> {
  const { servers } = context;
  const store = new DeadLetterStore(servers.kafka, servers.config.topics);
  let discarded = 0;
  await withPublisher(context, (publisher) =>
    inBatches(context, selection, async (batch) => {
      await store.resolve(
        publisher,
        batch.map(({ deadLetter }) => deadLetter),
        'discarded',
      );
      discarded += batch.length;
    }),
  );
  return discarded;
}
