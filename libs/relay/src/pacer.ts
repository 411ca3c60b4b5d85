import { setTimeout as sleep } from 'node:timers/promises';
import type { ChunkOutlet } from '@tributary/snapshot';
import type { Acknowledgements } from './acknowledgements';

/**
 * How far apart rounds begin, in ms: a round costs every stage, and every server, much the same for one change as for ten, and
 * a change in a round of 500 half of one in a round of 150. So they are the farther apart the more there is: 21 ms at 100
 * changes a second, 50 at 1,000, and the most from 1,600 on. It adds half of that to the delay of changes that come faster
 * than rounds, and nothing to that of a lone one.
 */
const EVERY_MS = 20;
const EVERY_MS_PER_ENTRY = 0.6;
const EVERY_MS_MOST = 250;
/** A round that begins so soon after a rest is one of a stream: the next look needs no wait before it, which would be a call more. */
const STREAM_MS = 30;

export interface LogWait {
  /** Resolves when the log holds more than these entries, and after so many seconds in any case. */
  wait(held: readonly bigint[], seconds: number): Promise<void>;
}

/** How the publishing loop waits once it has read all there was: until there is more, or the term ends. */
export class Pacer {
  /** When the last round began, and when the last rest was over. */
  #begunAt = -Infinity;
  #restedAt = -Infinity;

  constructor(
    private readonly log: LogWait,
    private readonly outlet: Pick<ChunkOutlet<unknown>, 'untilSubmitted' | 'idle'>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** After a round with so many entries; what falls due meanwhile is acknowledged. */
  async pause(entries: number, acks: Acknowledgements, signal: AbortSignal): Promise<void> {
    const streams = entries > 0 && this.#begunAt - this.#restedAt < STREAM_MS;
    if (entries > 0) {
      const every = Math.min(EVERY_MS + EVERY_MS_PER_ENTRY * entries, EVERY_MS_MOST);
      await this.#rest(this.#begunAt + every, acks, signal);
      this.#restedAt = this.now();
    }
    if (!streams) await this.#untilWork(acks, signal);
    this.#begunAt = this.now();
  }

  async #rest(until: number, acks: Acknowledgements, signal: AbortSignal): Promise<void> {
    const left = () => until - this.now();
    for (let rest = left(); rest > 0 && this.outlet.idle && !signal.aborted; rest = left()) {
      await this.#first(sleep(Math.min(rest, acks.dueMs)), signal);
      if (acks.dueMs === 0) await acks.settle();
    }
  }

  async #untilWork(acks: Acknowledgements, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#first(this.log.wait(acks.held, acks.dueMs / 1000), signal);
      if (acks.dueMs > 0) return;
      // Whether there is work as well, the next look will tell.
      await acks.settle();
      if (!this.outlet.idle) return;
    }
  }

  /** Resolves with `due`, or earlier when there are rows of a snapshot or the term, which has not ended yet, does. */
  async #first(due: Promise<void>, signal: AbortSignal): Promise<void> {
    let abort = () => {};
    const aborted = new Promise<void>((resolve) => {
      abort = resolve;
      signal.addEventListener('abort', abort, { once: true });
    });
    try {
      await Promise.race([due, this.outlet.untilSubmitted(), aborted]);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }
}
