import { toldBySpark } from './told-by-spark';

const stack = `\n\tat org.apache.spark.Foo.bar(Foo.scala:12)\n\tat java.base/java.lang.Thread.run(Thread.java:840)\n`;

describe('what a Spark server says, as one sentence', () => {
  it.each([
    [
      [
        "[UNRESOLVED_COLUMN] A column cannot be resolved. SQLSTATE: 42703; line 1 pos 7;\n'Project ['x]\n+- Range",
      ],
      'Spark says: [UNRESOLVED_COLUMN] A column cannot be resolved. line 1 pos 7',
    ],
    [
      [
        "\n[PARSE_SYNTAX_ERROR] Syntax error at or near 'SELEC'. SQLSTATE: 42601 (line 1, pos 0)\n\n== SQL ==\nSELEC",
      ],
      "Spark says: [PARSE_SYNTAX_ERROR] Syntax error at or near 'SELEC'. (line 1, pos 0)",
    ],
    [
      [
        `Job aborted due to stage failure: Task 0 in stage 3.0 failed 4 times, most recent failure: Lost task 0.3 in stage 3.0 (TID 9) (127.0.0.1 executor driver): java.io.FileNotFoundException: /x (gone)${stack}\nDriver stacktrace:`,
      ],
      'Spark says: /x (gone)',
    ],
    [[], 'Spark says: an error without words'],
  ])('%j', (messages, sentence) => {
    expect(toldBySpark(messages, undefined)).toMatchObject({
      kind: 'fatal',
      code: 'SPARK',
      message: sentence,
    });
  });

  it.each([
    [['Subprocess exited with status 9. Error: first\nthe last words\n.'], 9, ': the last words'],
    [['Subprocess exited with status 137. Error: .'], 137, '.'],
    [
      [
        `Job aborted.${stack}`,
        `Task failed`,
        `Subprocess exited with status 75. Error: MySQL is away.\n.${stack}`,
      ],
      75,
      ': MySQL is away.',
    ],
  ])('a program: %j', (messages, status, words) => {
    expect(toldBySpark(messages, undefined)).toMatchObject({
      code: 'SPARK_WORKER',
      message: `A program on Spark's executors failed at every try; at last it exited with status ${status}${words}`,
    });
  });

  it('an executor that is lost passes by itself', () => {
    const told =
      'Job aborted due to stage failure: Task 0 in stage 1.0 failed 4 times, most recent failure: Lost task 0.3 in stage 1.0 (TID 5) (127.0.0.1 executor 7): ExecutorLostFailure (executor 7 exited caused by one of the running tasks) Reason: Command exited with code 137\nDriver stacktrace:';
    expect(toldBySpark([told], undefined)).toMatchObject({
      ...{ kind: 'retry', code: 'SPARK_LOST' },
      message: expect.stringMatching(/^Spark lost what ran the statement: ExecutorLostFailure .* code 137$/),
    });
  });
});
