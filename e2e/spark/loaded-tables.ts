import type { Pipeline } from '../support/pipeline';

/** Rows of the table `pairs`. */
export const PAIRS = 500;

/** Two tables, `wide` with so many rows, a pipeline that runs, and targets that hold them. */
export async function startLoaded(pipeline: Pipeline, rows: number): Promise<void> {
  await pipeline.prepare([
    'CREATE TABLE wide (id INT PRIMARY KEY, v INT, filler TEXT)',
    'CREATE TABLE pairs (a VARCHAR(20), b INT, v INT, PRIMARY KEY (a, b))',
  ]);
  for (let from = 0; from < rows; from += 4_000)
    await pipeline.admin.query('INSERT INTO wide VALUES ?', [
      Array.from({ length: 4_000 }, (_, at) => [from + at, 0, 'x'.repeat(200)]),
    ]);
  await pipeline.admin.query('INSERT INTO pairs VALUES ?', [
    Array.from({ length: PAIRS }, (_, at) => [`k${at % 50}`, at, 0]),
  ]);
  await pipeline.startAll();
  await pipeline.untilEqual();
}

/** What only a load brings back: nothing else says these rows again. */
export async function emptyTargets(pipeline: Pipeline): Promise<void> {
  for (const table of ['wide', 'pairs']) {
    await pipeline.collection(table).deleteMany({});
    const keys = await pipeline.redis.keys(`${pipeline.database}:${table}*`);
    for (let from = 0; from < keys.length; from += 1_000)
      await pipeline.redis.del(keys.slice(from, from + 1_000));
  }
}
