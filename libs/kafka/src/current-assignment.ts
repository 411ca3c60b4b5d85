import type { Assignment } from './batch-worker';
import type { AssignedPartitions } from './feed-back';

/** One assignment of partitions, until the next. */
export class CurrentAssignment implements Assignment {
  readonly ready: Promise<boolean>;
  readonly #begin = new AbortController();
  #superseded = false;
  #settled = false;
  #resolve!: (ready: boolean) => void;

  /** `topic/partition` of each. */
  readonly keys: ReadonlySet<string>;

  constructor(partitions: AssignedPartitions) {
    this.keys = new Set(
      [...partitions].flatMap(([topic, numbers]) => numbers.map((number) => `${topic}/${number}`)),
    );
    this.ready = new Promise((resolve) => (this.#resolve = resolve));
  }

  /** Brings the positions in order, then lets work begin if that went well. */
  settle(positions: (signal: AbortSignal) => Promise<boolean>): void {
    void positions(this.#begin.signal).then((ready) => {
      this.#settled = ready;
      this.#resolve(ready);
    });
  }

  /** Whether work under it has begun and may go on. */
  get isReady(): boolean {
    return this.#settled && !this.#superseded;
  }

  readonly isCurrent = () => !this.#superseded;

  /** Work that waits for `ready` does not begin any more; work that has begun may still be confirmed. */
  doNotBegin(): void {
    this.#begin.abort();
  }

  /** The partitions may belong to others now. */
  supersede(): void {
    this.#superseded = true;
    this.#begin.abort();
  }
}
