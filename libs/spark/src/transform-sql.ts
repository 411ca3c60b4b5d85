import { fatal } from '@tributary/kernel';

/**
 * A statement that hands tasks to a program on the executors: one line of standard input a task, one line of standard
 * output a row of the column `result` (STRING); an empty line is none. One partition, hence one process, for each group
 * of at most `perPartition` tasks. Texts may hold whatever they want but a line's end, which JSON never has.
 */
export function transformSql(command: string, tasks: readonly string[], perPartition = 1): string {
  if (tasks.length === 0) throw fatal('SPARK_TASKS', 'A statement for Spark needs at least one task.');
  if (tasks.some((task) => /[\r\n]/.test(task)))
    throw fatal('SPARK_TASKS', 'A task for Spark must be one line: write it as JSON.');
  const partitions = Math.ceil(tasks.length / perPartition);
  // Nothing of Base64 means anything to the parser, whatever its settings are.
  const texts = tasks.map((task) => `'${Buffer.from(task, 'utf8').toString('base64')}'`);
  const nth = `element_at(array(${texts.join(', ')}), CAST(id + 1 AS INT))`;
  const rows = `SELECT decode(unbase64(${nth}), 'UTF-8') FROM range(0, ${tasks.length}, 1, ${partitions})`;
  return transformRows(command, rows);
}

/**
 * The same for the rows of a query that has one column of text, without line ends: one process for each of its
 * partitions that has a row.
 */
export function transformRows(command: string, query: string): string {
  const transformed =
    `SELECT TRANSFORM(task) USING ${literal(command)} ` +
    `AS (result STRING) ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t' FROM (${query}) AS tasks(task)`;
  return `SELECT result FROM (${transformed}) WHERE ${isResult}`;
}

/**
 * A thread of Spark that waits for a program's line does not hear that its task was killed. It does at the next line,
 * where it sleeps for no time at all, which an interrupted thread cannot; see leashedOutput.
 */
const isResult = `CASE WHEN result <> '' THEN true ELSE java_method('java.lang.Thread', 'sleep', 0L) IS NULL END`;

/** A text as SQL: everything that could mean something to the parser, or to its `${...}` variables, by its number. */
const literal = (text: string) =>
  `'${text.replace(/[^A-Za-z0-9 /._=:,-]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}'`;
