import type { Connection } from '@tributary/capture';
import { consumerGroups } from '@tributary/topics';
import { PipelineDrain } from '@tributary/verify';
import type { OperationContext } from '../context';
import type { VerificationInput } from './input';

/** The pipeline, as a verification waits for it. */
export function drainOf(
  { servers, note }: OperationContext,
  connection: Connection,
  { patienceMs }: Pick<VerificationInput, 'patienceMs'>,
  signal: AbortSignal,
): PipelineDrain {
  const { config } = servers;
  return new PipelineDrain({
    onStage: note,
    connection,
    captureSchema: config.captureSchema,
    admin: servers.kafka.admin(),
    topics: config.topics,
    groups: consumerGroups(config),
    ...{ patienceMs, signal },
  });
}
