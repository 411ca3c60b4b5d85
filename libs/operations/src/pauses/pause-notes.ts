import { PipelineNotes, type PauseNote } from '@tributary/topics';
import type { RecordSender } from '@tributary/transport';
import type { OperationContext } from '../context';

/** The pauses that stand, in order of table; none before a service has made the topics. */
export async function pauseNotes({
  servers,
  log,
}: Pick<OperationContext, 'servers' | 'log'>): Promise<readonly PauseNote[]> {
  const { notes: topic } = servers.config.topics;
  if (!(await servers.kafka.admin().topics()).has(topic)) return [];
  const notes = new PipelineNotes(servers.kafka, topic, log);
  try {
    await notes.refresh();
    return notes.of('paused').sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  } finally {
    await notes.close();
  }
}

const nameOf = ({ table, target = '' }: PauseNote) => `${table} ${target}`;

/** Writes to the notes; resolves when Kafka has what was written. */
export async function writeNotes(
  { servers, log }: Pick<OperationContext, 'servers' | 'log'>,
  write: (notes: PipelineNotes, publisher: RecordSender) => Promise<void>,
): Promise<void> {
  const { kafka, config } = servers;
  const publisher = kafka.publisher();
  await publisher.start();
  try {
    await write(new PipelineNotes(kafka, config.topics.notes, log), publisher);
  } finally {
    await publisher.stop();
  }
}
