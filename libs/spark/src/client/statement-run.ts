import { randomUUID } from 'node:crypto';
import { fatal, transient } from '@tributary/kernel';
import { InterruptRequest_InterruptType, type ExecutePlanResponse } from '../proto/spark/connect/base_pb';
import type { Row, StatementOptions, StatementProgress } from '../statement';
import type { Connection } from './connection';
import { explained } from './explained';
import type { Plan } from './plan';
import { responses } from './responses';
import { rowsOf } from './rows';

/** What ends a statement must not hang itself where the server is gone, milliseconds. */
const END_MS = 5000;

/** Runs a plan and gives its rows, batch by batch; `closing`: of the session. However it ends, nothing of it stays on the server. */
export async function* runStatement(
  connection: Connection,
  plan: Plan,
  closing: AbortSignal,
  { signal, onProgress, tag }: StatementOptions = {},
): AsyncGenerator<Row[]> {
  if (tag !== undefined && (tag === '' || tag.includes(',')))
    throw fatal('SPARK_TAG', 'The tag of a statement for Spark must have a letter and no comma.');
  const refuse = () => {
    signal?.throwIfAborted();
    if (closing.aborted) throw transient('SPARK_CLOSED', 'The session at Spark was closed.');
  };
  refuse();
  const operationId = randomUUID();
  // Of this statement alone: another one may have the caller's tag as well.
  const ownTag = `tributary-${operationId}`;
  const cut = new AbortController();
  let interrupting: Promise<boolean> | undefined;
  const interrupt = () => (interrupting ??= interruptTag(connection, ownTag).finally(() => cut.abort()));
  const ended = signal ? AbortSignal.any([signal, closing]) : closing;
  const onEnded = () => void interrupt();
  ended.addEventListener('abort', onEnded);
  let open = true;
  try {
    const tags = tag === undefined ? [ownTag] : [ownTag, tag];
    for await (const response of responses(connection, { operationId, plan, tags, signal: cut.signal })) {
      const rows = rowsIn(response, onProgress);
      if (rows.length) yield rows;
      refuse();
    }
    open = false;
  } catch (error) {
    await interrupting;
    refuse();
    open = false;
    throw await explained(connection, error);
  } finally {
    ended.removeEventListener('abort', onEnded);
    // Its consumer has left.
    if (open) await interrupt();
    if ((await interrupting) ?? true) await release(connection, operationId);
  }
}

function rowsIn(
  { responseType: { case: kind, value } }: ExecutePlanResponse,
  onProgress?: (progress: StatementProgress) => void,
): Row[] {
  if (kind === 'arrowBatch') return value.rowCount > 0n ? rowsOf(value.data) : [];
  if (kind === 'executionProgress' && onProgress) {
    const sum = (pick: 'numTasks' | 'numCompletedTasks') =>
      Number(value.stages.reduce((total, stage) => total + stage[pick], 0n));
    const running = Number(value.numInflightTasks);
    onProgress({ tasks: sum('numTasks'), done: sum('numCompletedTasks'), running });
  }
  return [];
}

/** Whether the server has answered. */
async function interruptTag({ client, common }: Connection, operationTag: string): Promise<boolean> {
  const interruptType = InterruptRequest_InterruptType.TAG;
  return client
    .interrupt(
      { ...common, interruptType, interrupt: { case: 'operationTag', value: operationTag } },
      { timeoutMs: END_MS },
    )
    .then(
      () => true,
      () => false,
    );
}

/** Lets the server forget the answers; it ends what still runs. */
async function release({ client, common }: Connection, operationId: string): Promise<void> {
  await client
    .releaseExecute(
      { ...common, operationId, release: { case: 'releaseAll', value: {} } },
      { timeoutMs: END_MS },
    )
    .catch(() => undefined);
}
