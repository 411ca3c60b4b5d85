import { transient } from '@tributary/kernel';

/** Spark may give the range of a lost worker to another one meanwhile: it noticed, or tries slow tasks twice. */
const PATIENCE_MS = 60_000;

/**
 * Notices that of a statement only workers are left that hang, for whose ends Spark would wait for ever. While any other works
 * nothing is done: what hangs holds up nobody.
 */
export class HungWorkers {
  readonly #hung = new AbortController();
  /** `performance.now()` when a worker was last seen to hold a range; before the first one executors may still be starting. */
  #heldAt: number | undefined;

  /** Aborts then, with a SyncError `retry`. */
  get signal(): AbortSignal {
    return this.#hung.signal;
  }

  /** To be told again and again how many ranges workers hold, and how many have one whose lease ran out. */
  look({ held, lost }: { readonly held: number; readonly lost: number }, now = performance.now()): void {
    if (held > 0) this.#heldAt = now;
    else if (lost > 0 && this.#heldAt !== undefined && now - this.#heldAt > PATIENCE_MS)
      this.#hung.abort(
        transient('SPARK_HANGS', 'Workers hang, and no other is at work: their ranges are given out anew.'),
      );
  }
}
