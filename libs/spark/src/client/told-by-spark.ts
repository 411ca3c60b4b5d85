import { fatal, type SyncError, transient } from '@tributary/kernel';

/** A full stop of Spark's own stands behind the words. */
const worker =
  /Subprocess exited with status (\d+)\. Error: ([^]*?)\.?(?=\s+at [\w$.]+[(/]|\s+Driver stacktrace|$)/;
/** What stands in front of a task's own error. */
const inTask =
  /^Job aborted due to stage failure: [^]*?most recent failure: Lost task [^\n]*?\): (?=[\w$.]+)/;
const javaClass = /^(?:[\w$]+\.)+[\w$]+: /;
const lost = /ExecutorLostFailure|SparkContext (was|has been) shut ?down|FetchFailed|cancelled because/i;

/** What a Spark server said, of an error and its causes, as one sentence. */
export function toldBySpark(messages: readonly string[], cause: unknown): SyncError {
  for (const message of messages) {
    const [, status, words = ''] = worker.exec(message) ?? [];
    if (status !== undefined) return ofWorker(Number(status), words, cause);
  }
  const [first = ''] = messages;
  const sentence = firstLine(first.replace(inTask, '').replace(javaClass, ''));
  return lost.test(first)
    ? transient('SPARK_LOST', `Spark lost what ran the statement: ${sentence}`, cause)
    : fatal('SPARK', `Spark says: ${sentence}`, cause);
}

function ofWorker(status: number, words: string, cause: unknown): SyncError {
  const last = words.trimEnd().split('\n').at(-1)?.trim() ?? '';
  return fatal(
    'SPARK_WORKER',
    `A program on Spark's executors failed at every try; at last it exited with status ${status}${last ? `: ${last}` : '.'}`,
    cause,
  );
}

const firstLine = (text: string) =>
  text
    .split('\n')
    .map((line) =>
      line
        .replace(/\s*SQLSTATE: \w+;?/, '')
        .replace(/;\s*$/, '')
        .trim(),
    )
    .find(Boolean) ?? 'an error without words';
