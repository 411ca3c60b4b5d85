import { fatal } from '@tributary/kernel';

/**
 * A statement that hands tasks to a program on the executors: one line of standard input a task, one line of standard
 * output a row of the column `result` (STRING). One partition, hence one process, for each group of at most
 * `perPartition` tasks. Texts may hold whatever they want but a line's end, which JSON never has.
 */
export function transformSql(command: string, tasks: readonly string[], perPartition = 1): string {
  if (tasks.length === 0) throw fatal('SPARK_TASKS', 'A statement for Spark needs at least one task.');
  if (tasks.some((task) => /[\r\n]/.test(task)))
    throw fatal('SPARK_TASKS', 'A task for Spark must be one line: write it as JSON.');
  const groups = Math.ceil(tasks.length / perPartition);
  const texts = tasks.map((task) => `'${Buffer.from(task, 'utf8').toString('base64')}'`);
  const nth = `element_at(array(${texts.join(', ')}), CAST(id + 1 AS INT))`;
  return transformRows(
    command,
    `SELECT decode(unbase64(${nth}), 'UTF-8') AS task FROM range(0, ${tasks.length}, 1, ${groups})`,
  );
}

/** The same for the rows of a query, whose one column is a text without line ends: each partition has a process of its own. */
export const transformRows = (command: string, query: string): string =>
  `SELECT TRANSFORM(*) USING ${literal(command)} ` +
  `AS (result STRING) ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t' FROM (${query})`;

/** A text as SQL: everything that could mean something to the parser, or to its `${...}` variables, by its number. */
const literal = (text: string) =>
  `'${text.replace(/[^A-Za-z0-9 /._=:,-]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}'`;
