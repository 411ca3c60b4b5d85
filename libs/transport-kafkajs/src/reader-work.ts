import type { WorkAhead } from '@tributary/transport';

export interface ReaderWorkParts {
  /** Batches between fetch and confirmation. */
  readonly active: () => number;
  /** What waits by `topic/partition`, as of the last fetch. */
  readonly lag: ReadonlyMap<string, bigint>;
  /** Whether a partition waits for a time of its own, because its last batch failed. */
  readonly isPaused: (partition: string) => boolean;
}

/** What a reader has to do, for those that stand behind it. */
export class ReaderWork implements WorkAhead {
  #begun = false;
  #brought = false;
  /** The last fetch has brought nothing: what the lag says besides cannot be read, or is no record. */
  #caughtUp = false;
  #workedAt = performance.now();
  #calls: (() => void)[] = [];

  constructor(private readonly parts: ReaderWorkParts) {}

  get isThere(): boolean {
    const { active, lag, isPaused } = this.parts;
    // Until the first answer nobody knows what waits.
    if (!this.#begun || active() > 0) return true;
    if (this.#caughtUp) return false;
    for (const [partition, waiting] of lag) if (waiting > 0n && !isPaused(partition)) return true;
    return false;
  }

  get quietMs(): number {
    return this.isThere ? 0 : performance.now() - this.#workedAt;
  }

  onEnd(call: () => void): void {
    this.#calls.push(call);
    this.changed();
  }

  /** The client asks for more. */
  fetching(): void {
    if (this.#begun) this.#caughtUp = !this.#brought;
    this.#brought = false;
    this.changed();
  }

  /** The broker has answered. */
  fetched(): void {
    this.#begun = true;
  }

  /** There were records in the answer. */
  brought(): void {
    this.#brought = true;
    this.#caughtUp = false;
  }

  /** To be called when there may be less to do than before. */
  changed(): void {
    if (this.#brought) this.#workedAt = performance.now();
    if (this.#calls.length === 0 || this.isThere) return;
    for (const call of this.#calls.splice(0)) call();
  }
}
