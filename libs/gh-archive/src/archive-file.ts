import { errorText } from '@tributary/kernel';
import { createReadStream, existsSync, type ReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { RowCollector } from './collector';
import type { RowSet, SampleTable } from './rows';

export interface ArchiveOptions {
  /** Rows gathered before they are handed over; bounds memory whatever the size of the file. */
  readonly batchRows?: number;
  /** Told once for each line that is no JSON object; it is left out. */
  readonly warn: (message: string, line: number) => void;
  /** Told with each batch, and at the end, how far reading is. */
  readonly onProgress?: (bytes: number, lines: number) => void;
  /** Only these are gathered. */
  readonly only?: (table: SampleTable, id: string) => boolean;
  /** Characters; a longer line is no event but a fault of the file. */
  readonly longestLine?: number;
}

const LONGEST_LINE = 64 << 20;

/**
 * Streams an hour of GH Archive (`2024-01-01-15.json.gz`, one event a line) as batches of rows. An id is unique in
 * its batch but can come again in a later one: the writer upserts. Throws one sentence when the file is missing or
 * is not gzip, or ends too early.
 */
export async function* readArchive(path: string, options: ArchiveOptions): AsyncGenerator<RowSet> {
  if (!existsSync(path))
    throw new Error(`${path} does not exist: give the path of a GH Archive hour file, X.json.gz.`);
  const { batchRows = 2_000, warn, onProgress, only, longestLine = LONGEST_LINE } = options;
  const collector = new RowCollector(only);
  const source = createReadStream(path);
  let number = 0;
  try {
    for await (const line of linesOf(source, longestLine)) {
      number += 1;
      if (line.trim() !== '') addLine(collector, line, path, number, warn);
      if (collector.size < batchRows) continue;
      onProgress?.(source.bytesRead, number);
      yield collector.take();
    }
  } catch (cause) {
    throw new Error(
      `${path} cannot be read past line ${number}: ${(cause as Error).message}. It must be a whole gzip file of GH Archive.`,
      { cause },
    );
  }
  onProgress?.(source.bytesRead, number);
  if (collector.size > 0) yield collector.take();
}

function addLine(
  collector: RowCollector,
  line: string,
  path: string,
  number: number,
  warn: ArchiveOptions['warn'],
): void {
  const place = `${path}, line ${number}`;
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch (error) {
    warn(`${place} is left out: it is not JSON (${errorText(error)})`, number);
    return;
  }
  if (typeof event !== 'object' || event === null || Array.isArray(event))
    warn(`${place} is left out: it is not an event object`, number);
  else collector.addAllIn(event);
}

/** Not node:readline, which loses the errors of its input. */
async function* linesOf(source: ReadStream, longestLine: number): AsyncGenerator<string> {
  const text = createGunzip();
  source.once('error', (error) => text.destroy(error));
  source.pipe(text).setEncoding('utf8');
  let rest = '';
  try {
    for await (const chunk of text as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > longestLine) throw new Error(`a line is longer than ${longestLine} characters`);
      yield* lines;
    }
  } finally {
    source.destroy();
  }
  if (rest !== '') yield rest;
}
