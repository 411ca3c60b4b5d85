import { fatal, pause, type SyncError } from '@tributary/kernel';
import { BarrierCycle } from './barrier-cycle';
import type { FloorHold } from './open-transactions';
import { mysqlError } from './connect';
import { LIST_BYTES } from './writing-transactions';

const RETRY_MS = 1000;

/**
 * The rolling floor (R5): an id up to which every log id is final, committed or rolled back. No clock decides it:
 * a marker takes an id, and when all transactions that were changing rows at that moment have ended, so has every
 * entry with a smaller id. Safe however long a transaction lasts; the floor only lags. Runs on two connections of its
 * own and survives their loss.
 */
export class RollingFloor {
  readonly #url: string;
  readonly #captureSchema: string;
  readonly #pauseMs: number;
  readonly #listBytes: number;
  #hold: FloorHold | null = null;
  #floor = 0n;
  #running: Promise<void> | null = null;
  #stopped = new AbortController();
  #trouble: SyncError | null = null;
  #waiters: { id: bigint; resolve: () => void; reject: (error: unknown) => void }[] = [];

  /** `pauseMs`: rest between two cycles; `listBytes`: what the server is trusted to list whole of its transactions. */
  constructor(url: string, captureSchema: string, pauseMs = 200, listBytes = LIST_BYTES) {
    this.#listBytes = listBytes;
    this.#url = url;
    this.#captureSchema = captureSchema;
    this.#pauseMs = pauseMs;
  }

  /** Connects and begins to roll. Throws a SyncError, fatal when the account lacks PROCESS (see `readMarkedChunk`). */
  async start(): Promise<void> {
    if (this.#running) return;
    this.#stopped = new AbortController();
    const cycle = await this.#open();
    this.#running = this.#roll(cycle);
  }

  /** The highest id known to be final; 0 before the first cycle has ended. */
  floor(): bigint {
    return this.#floor;
  }

  /** What keeps the floor from rising (the server is away), or `null`. */
  trouble(): SyncError | null {
    return this.#trouble;
  }

  /** Whose transactions have kept the floor from rising for some seconds, or `null`. */
  held(): FloorHold | null {
    return this.#hold;
  }

  /** Resolves when every id up to this one is final; rejects when the floor is stopped. */
  waitFor(id: bigint): Promise<void> {
    if (this.#floor >= id) return Promise.resolve();
    if (this.#stopped.signal.aborted) return Promise.reject(stopped());
    return new Promise((resolve, reject) => this.#waiters.push({ id, resolve, reject }));
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
    this.#running = null;
    for (const { reject } of this.#waiters.splice(0)) reject(stopped());
  }

  async #roll(first: BarrierCycle): Promise<void> {
    const { signal } = this.#stopped;
    let cycle: BarrierCycle | null = first;
    while (!signal.aborted) {
      try {
        cycle ??= await this.#open();
        const floor = await cycle.run(signal, (hold) => (this.#hold = hold));
        this.#trouble = null;
        if (floor !== null) this.#raise(floor);
        await pause(this.#pauseMs, signal);
      } catch (error) {
        this.#trouble = mysqlError(error);
        this.#hold = null;
        cycle?.close();
        cycle = null;
        await pause(RETRY_MS, signal);
      }
    }
    this.#hold = null;
    cycle?.close();
  }

  #open(): Promise<BarrierCycle> {
    return BarrierCycle.open(this.#url, this.#captureSchema, this.#listBytes);
  }

  #raise(floor: bigint): void {
    if (floor > this.#floor) this.#floor = floor;
    const ready = this.#waiters.filter(({ id }) => id <= this.#floor);
    this.#waiters = this.#waiters.filter(({ id }) => id > this.#floor);
    for (const { resolve } of ready) resolve();
  }
}

const stopped = () => fatal('STOPPED', 'The floor was stopped.');
