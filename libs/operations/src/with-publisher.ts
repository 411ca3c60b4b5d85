import type { RecordPublisher } from '@tributary/transport';
import type { OperationContext } from './context';

/** Lends a publisher for as long as the work lasts; that Kafka is waited for is noted. */
export async function withPublisher<T>(
  { servers, note }: Pick<OperationContext, 'servers' | 'note'>,
  work: (publisher: RecordPublisher) => Promise<T>,
): Promise<T> {
  const publisher = servers.kafka.publisher({
    onTrouble: ({ message }) => note(`Waiting: ${message}`),
  });
  try {
    await publisher.start();
    return await work(publisher);
  } finally {
    await publisher.stop();
  }
}
