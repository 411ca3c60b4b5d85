import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '@tributary/kernel';
import type { ExecutePlanResponse } from '../proto/spark/connect/base_pb';
import type { Connection } from './connection';
import { alreadyThere, isPassing, unknownOperation } from './failure';
import type { Plan } from './plan';

/** A server that cannot be reached for so long is given up, milliseconds; it keeps an operation for five minutes. */
const PATIENCE_MS = 240_000;

export interface Operation {
  readonly operationId: string;
  readonly plan: Plan;
  readonly tags: readonly string[];
  /** Aborted: nobody waits for the answers any more. */
  readonly signal: AbortSignal;
}

/**
 * The answers to one statement. Where the network, or the server after two minutes, ends their stream, it is taken up
 * again behind the last answer that came: the statement is not run a second time.
 */
export async function* responses(
  connection: Connection,
  operation: Operation,
): AsyncGenerator<ExecutePlanResponse> {
  const { signal } = operation;
  let known = false;
  let last: string | undefined;
  let failures = 0;
  let failingSince = 0;
  for (;;) {
    try {
      for await (const response of watched(connection, open(connection, operation, known, last), signal)) {
        known = true;
        failures = 0;
        connection.observe(response);
        if (response.responseType.case === 'resultComplete') return;
        last = response.responseId;
        yield response;
      }
      known = true;
    } catch (error) {
      if (signal.aborted) throw error;
      // It never got there, or the answer that it did got lost.
      if (known && last === undefined && unknownOperation(error)) known = false;
      else if (!known && alreadyThere(error)) known = true;
      else if (isPassing(error)) known = true;
      else throw error;
      failures += 1;
      if (failures === 1) failingSince = Date.now();
      if (Date.now() - failingSince > PATIENCE_MS) throw error;
      await sleep(backoffMs(failures, 100, 5000), undefined, { signal });
    }
  }
}

function open(
  { client, common }: Connection,
  { operationId, plan, tags, signal }: Operation,
  known: boolean,
  lastResponseId: string | undefined,
): AsyncIterable<ExecutePlanResponse> {
  if (known) return client.reattachExecute({ ...common, operationId, lastResponseId }, { signal });
  const reattachable = {
    requestOption: { case: 'reattachOptions' as const, value: { reattachable: true } },
  };
  const request = { ...common, operationId, plan, tags: [...tags], requestOptions: [reattachable] };
  return client.executePlan(request, { signal });
}

/** The stream; while it is silent the connection is tried, and dropped if nothing comes back. */
async function* watched<T>(
  connection: Connection,
  stream: AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T> {
  let timer: NodeJS.Timeout | undefined;
  let waiting = false;
  const watch = () => {
    clearTimeout(timer);
    if (waiting) timer = setTimeout(() => void tryConnection(), connection.patience.silenceMs);
  };
  const tryConnection = async () => {
    const answers = await isAlive(connection, signal);
    if (waiting && !answers) connection.drop();
    else watch();
  };
  const wait = (now: boolean) => {
    waiting = now;
    watch();
  };
  try {
    wait(true);
    for await (const value of stream) {
      // While the consumer works nothing is asked for, and nothing is missed.
      wait(false);
      yield value;
      wait(true);
    }
  } finally {
    wait(false);
  }
}

const isAlive = ({ client, common, patience }: Connection, signal: AbortSignal): Promise<boolean> =>
  client
    .config(
      { ...common, operation: { opType: { case: 'getOption', value: { keys: ['spark.app.name'] } } } },
      { signal, timeoutMs: patience.answerMs },
    )
    .then(
      () => true,
      () => signal.aborted,
    );
