import { PipelineNotes } from '@tributary/topics';
import type { OperationContext } from './context';

/** What the services and operators have noted by now. Throws a SyncError, also where the topic is not made yet. */
export async function readNotes<T>(
  { kafka, config }: Pick<OperationContext['servers'], 'kafka' | 'config'>,
  log: OperationContext['log'],
  read: (notes: PipelineNotes) => T,
): Promise<T> {
  const notes = new PipelineNotes(kafka, config.topics.notes, log);
  try {
    await notes.refresh();
    return read(notes);
  } finally {
    await notes.close();
  }
}
