import { createWriteStream, fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';

interface Leash {
  /** Between two beats, milliseconds. Default 2000. */
  readonly beatMs?: number;
  /** How long a beat may wait for its reader, milliseconds; a busy one keeps results waiting too. Default 60,000. */
  readonly patienceMs?: number;
}

/** As much as a pipe holds, and no result: what stands in front of the tab is empty. */
const BEAT = `\t${' '.repeat(65_534)}\n`;

/**
 * The standard output of a program that Spark runs by `transformSql`, which ends the program when nobody reads it any
 * more. Spark itself lets a program run on when its statement was interrupted, or its task was lost: it only stops to
 * read. So a line without a result is written now and then; the thread that waits for it hears of the interruption, and
 * with nobody there the pipe is full soon. Write whole lines.
 */
export function leashedOutput({ beatMs = 2000, patienceMs = 60_000 }: Leash = {}): Writable {
  const output = openOutput();
  let waitingSince: number | undefined;
  const timer = setInterval(() => {
    if (waitingSince === undefined) {
      waitingSince = Date.now();
      output.write(BEAT, () => (waitingSince = undefined));
    } else if (Date.now() - waitingSince > patienceMs) end();
  }, beatMs).unref();
  output.once('finish', () => clearInterval(timer));
  output.once('error', end);
  return output;
}

/** By force: a thread that waits for the pipe would hold up any other end, and nobody is there to tell the reason. */
const end = () => process.kill(process.pid, 'SIGKILL');

/**
 * Not `process.stdout`, whose writes to a full pipe stop everything; nor a file's stream, which takes a pipe that is full for
 * one that is broken once anybody has made it non-blocking.
 */
const openOutput = (): Writable =>
  fstatSync(1).isFIFO()
    ? new Socket({ fd: 1, readable: false, writable: true })
    : createWriteStream('', { fd: 1, autoClose: false });
