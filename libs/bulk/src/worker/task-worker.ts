import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { z } from 'zod';
import { errorText, fatal, SyncError } from '@tributary/kernel';
import { exitCodes } from './exit-codes';

/** What a worker does with the tasks of one kind. */
export interface TaskWork<Task, Result extends object> {
  readonly schema: z.ZodType<Task>;
  /** The results of a task, each a line. Throws a SyncError. */
  run(task: Task): AsyncIterable<Result>;
  /** The results of what is still to be done when the last task has come, where tasks are gathered. */
  end?(): AsyncIterable<Result>;
  close(): Promise<void>;
}

/**
 * Serves tasks until the input ends: a task a line in, a result a line out, both JSON, and nothing else on the output. Gives the
 * exit code; what went wrong stands on the error output in one sentence, which Spark shows to whoever asks.
 */
export async function serveTasks<Task, Result extends object>(
  open: () => Promise<TaskWork<Task, Result>>,
  { input, output, error }: { readonly input: Readable; readonly output: Writable; readonly error: Writable },
): Promise<number> {
  try {
    const work = await open();
    try {
      // After the last wait before it: lines that come earlier would be lost.
      for await (const line of createInterface({ input, crlfDelay: Infinity }))
        if (line !== '')
          for await (const result of work.run(parsed(line, work.schema))) await write(output, result);
      if (work.end) for await (const result of work.end()) await write(output, result);
      return 0;
    } finally {
      await work.close();
    }
  } catch (fault) {
    error.write(`${errorText(fault).replaceAll('\n', ' ')}\n`);
    return fault instanceof SyncError && fault.kind === 'fatal' ? exitCodes.configuration : exitCodes.passing;
  }
}

function parsed<Task>(line: string, schema: z.ZodType<Task>): Task {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    throw fatal('TASK', `A task is not JSON: ${line.slice(0, 80)}`);
  }
  const task = schema.safeParse(json);
  if (task.success) return task.data;
  const [issue] = task.error.issues;
  throw fatal(
    'TASK',
    `A task cannot be used (${issue!.path.join('.')}: ${issue!.message}): the worker and the command are of different versions.`,
  );
}

/** Waits while the reader at the other end does not keep up. */
function write(output: Writable, result: object): Promise<void> {
  return new Promise((resolve, reject) =>
    output.write(`${JSON.stringify(result)}\n`, (fault) => (fault ? reject(fault) : resolve())),
  );
}
