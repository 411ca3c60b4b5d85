import { PipelineNotes, type PauseNote } from '@tributary/topics';
import type { RecordSender } from '@tributary/transport';
import type { OperationContext } from '../context';
import { readNotes } from '../read-notes';
import { withPublisher } from '../with-publisher';

/** The pauses that stand, in order of table; none before a service has made the topics. */
export async function pauseNotes({
  servers,
  log,
}: Pick<OperationContext, 'servers' | 'log'>): Promise<readonly PauseNote[]> {
  const { notes: topic } = servers.config.topics;
  if (!(await servers.kafka.admin().topics()).has(topic)) return [];
  return readNotes(servers, log, (notes) =>
    notes.of('paused').sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)),
  );
}

const nameOf = ({ table, target = '' }: PauseNote) => `${table} ${target}`;

/** Writes to the notes; resolves when Kafka has what was written. */
export const writeNotes = (
  context: Pick<OperationContext, 'servers' | 'log' | 'note'>,
  write: (notes: PipelineNotes, publisher: RecordSender) => Promise<void>,
): Promise<void> =>
  withPublisher(context, (publisher) => {
    const { kafka, config } = context.servers;
    return write(new PipelineNotes(kafka, config.topics.notes, context.log), publisher);
  });
