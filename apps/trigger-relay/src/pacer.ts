import { setTimeout as sleep } from 'node:timers/promises';
import type { ChunkOutlet } from '@tributary/snapshot';
import type { Acknowledgements } from './acknowledgements';

/** A batch of so many entries is followed by the next one at once: a round pays. */
const BUSY_ENTRIES = 100;
/**
 * Rounds that do not pay begin at least so many ms apart: a round costs every stage, and every server, much the same for one
 * change as for ten. It adds half of this to the delay of changes that come faster than rounds would, and nothing to that
 * of a lone one.
 */
const EVERY_MS = 20;
/** Rounds that follow each other faster are a stream: the next look needs no wait before it, which would be a call more. */
const STREAM_MS = 50;

export interface LogWait {
  /** Resolves when the log holds more than these entries, and after so many seconds in any case. */
  wait(held: readonly bigint[], seconds: number): Promise<void>;
}

/** How the publishing loop waits: not at all while there is much work, else until there is some or the term ends. */
export class Pacer {
  /** When the last round began. */
  #begunAt = -Infinity;
  /** When the last one with entries did. */
  #filledAt = -Infinity;

  constructor(
    private readonly log: LogWait,
    private readonly outlet: Pick<ChunkOutlet<unknown>, 'untilSubmitted' | 'idle'>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** After a round with so many entries; what falls due meanwhile is acknowledged. */
  async pause(entries: number, acks: Acknowledgements, signal: AbortSignal): Promise<void> {
    if (!signal.aborted && entries < BUSY_ENTRIES) await this.#pause(entries, acks, signal);
    this.#begunAt = this.now();
  }

  async #pause(entries: number, acks: Acknowledgements, signal: AbortSignal): Promise<void> {
    if (entries > 0) {
      const before = this.#filledAt;
      this.#filledAt = this.#begunAt;
      const rest = this.#begunAt + EVERY_MS - this.now();
      if (rest > 0) await sleep(rest);
      if (this.#filledAt - before < STREAM_MS) return;
    }
    do {
      await this.#untilWork(acks, signal);
      if (acks.dueMs > 0) return;
      // Whether there is work as well, the next look will tell.
      await acks.settle();
    } while (this.outlet.idle && !signal.aborted);
  }

  async #untilWork(acks: Acknowledgements, signal: AbortSignal): Promise<void> {
    let abort = () => {};
    const aborted = new Promise<void>((resolve) => {
      abort = resolve;
      signal.addEventListener('abort', abort, { once: true });
    });
    try {
      const waiting = this.log.wait(acks.held, acks.dueMs / 1000);
      await Promise.race([waiting, this.outlet.untilSubmitted(), aborted]);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }
}
