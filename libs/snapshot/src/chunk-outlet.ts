import type { ChunkWindow } from './chunk-window';

/** Rows of a chunk ready for the topic: their keys (JSON texts) and what to publish for each. */
export interface ChunkSlice<T> {
  readonly window: ChunkWindow;
  readonly rows: readonly { readonly key: string; readonly record: T }[];
}

/** A slice is not published: it was read under another shape than its table has now, or the table is paused. */
export class TableChanged extends Error {}

interface Waiting<T> extends ChunkSlice<T> {
  rounds: number;
  readonly done: () => void;
  readonly failed: (error: Error) => void;
}

/** After this many log batches a chunk goes out even though the log never ran empty: versions keep it right. */
const PATIENCE_ROUNDS = 20;

/**
 * Where chunk readers hand their rows to the one publishing loop. A slice waits until the loop has read the log
 * to its end after the chunk's read view existed, so that every change the chunk shows is on the topic first.
 */
export class ChunkOutlet<T> {
  #waiting: Waiting<T>[] = [];
  #closed: Error | undefined;
  #announce: () => void = () => {};
  #submitted = this.#nextSubmission();

  /** Resolves when Kafka has acknowledged the rows; rejects with TableChanged, or when the loop ends before that. */
  submit(slice: ChunkSlice<T>): Promise<void> {
    if (this.#closed) return Promise.reject(this.#closed);
    return new Promise((done, failed) => {
      this.#waiting.push({ ...slice, rounds: 0, done, failed });
      this.#announce();
    });
  }

  /** Resolves when a reader hands over its next slice. */
  untilSubmitted(): Promise<void> {
    return this.#submitted;
  }

  get idle(): boolean {
    return this.#waiting.length === 0;
  }

  /**
   * Called by the loop after each log batch; `drainedSince` is when the last read that found the log's end
   * began (`performance.now()`). `publish` must resolve after the acknowledgement; false: the rows do not fit the table.
   */
  async flush(
    drainedSince: number,
    publish: (records: T[], table: string) => Promise<boolean>,
  ): Promise<void> {
    const due: Waiting<T>[] = [];
    this.#waiting = this.#waiting.filter((slice) => {
      slice.rounds += 1;
      const ready = drainedSince > slice.window.viewAt || slice.rounds > PATIENCE_ROUNDS;
      if (ready) due.push(slice);
      return !ready;
    });
    for (const [nth, slice] of due.entries()) {
      try {
        const rows = slice.rows.filter(({ key }) => !slice.window.has(key));
        const { table } = slice.window;
        const records = rows.map(({ record }) => record);
        if (await publish(records, table)) slice.done();
        else slice.failed(new TableChanged(`${table} was altered or paused while it was read`));
      } catch (error) {
        // Nobody knows of those behind it any more, and their readers would hold up the end of the term.
        for (const { failed } of due.slice(nth)) failed(error as Error);
        throw error;
      }
    }
  }

  #nextSubmission(): Promise<void> {
    return new Promise((resolve) => {
      this.#announce = () => {
        resolve();
        this.#submitted = this.#nextSubmission();
      };
    });
  }

  /** The loop has ended: readers must not wait for ever. */
  close(reason: Error): void {
    this.#closed = reason;
    for (const { failed } of this.#waiting) failed(reason);
    this.#waiting = [];
  }
}
