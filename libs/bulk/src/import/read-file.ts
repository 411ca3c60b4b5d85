import { readArchive, sampleTables, type SampleTable } from '@tributary/gh-archive';
import { errorText, fatal } from '@tributary/kernel';
import type { TaskWork } from '../worker/task-worker';
import { fileTask, type FileResult, type FileTask } from './import-tasks';

const BROKEN_SHOWN = 100;

/** Reads whole files of GH Archive: gzip cannot be read from the middle. */
export function readFileWork(): TaskWork<FileTask, FileResult> {
  return { schema: fileTask, run: (task) => rowsOf(task), close: () => Promise.resolve() };
}

async function* rowsOf({ no, file }: FileTask): AsyncGenerator<FileResult> {
  const report = { file, lines: 0, broken: 0, brokenAt: [] as number[] };
  let part = 0;
  const batches = readArchive(file, {
    warn(_message, line) {
      report.broken += 1;
      if (report.brokenAt.length < BROKEN_SHOWN) report.brokenAt.push(line);
    },
    onProgress: (_bytes, lines) => (report.lines = lines),
  });
  try {
    for await (const batch of batches) {
      for (const table of ['users', 'repositories'] as const)
        for (const row of batch[table])
          yield { table, no, part, id: idOf(table, row), row: JSON.stringify(row) };
      part += 1;
    }
  } catch (error) {
    // A file that is not there or damaged is so for the next try as well.
    throw fatal('FILE', errorText(error), error);
  }
  yield report;
}

export const idOf = (table: SampleTable, row: object): string =>
  String((row as Record<string, unknown>)[sampleTables[table].key]);
