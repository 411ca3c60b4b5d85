import type { Assignment } from './batch-worker';
import type { AssignedPartitions, Standing } from '@tributary/transport';

/** One assignment of partitions, until the next. */
export class CurrentAssignment implements Assignment {
  readonly ready: Promise<boolean>;
  readonly #begin = new AbortController();
  #superseded = false;
  #standing: Standing | undefined;
  #resolve!: (ready: boolean) => void;

  /** `topic/partition` of each. */
  readonly keys: ReadonlySet<string>;

  constructor(readonly partitions: AssignedPartitions) {
    this.keys = new Set(
      [...partitions].flatMap(([topic, numbers]) => numbers.map((number) => `${topic}/${number}`)),
    );
    this.ready = new Promise((resolve) => (this.#resolve = resolve));
  }

  /** Brings the positions in order, then lets work begin if that went well. */
  settle(positions: (signal: AbortSignal) => Promise<Standing | undefined>): void {
    void positions(this.#begin.signal).then((standing) => {
      this.#standing = standing;
      this.#resolve(standing !== undefined);
    });
  }

  /** Whether work under it has begun and may go on. */
  get isReady(): boolean {
    return this.#standing !== undefined && !this.#superseded;
  }

  /** How its partitions stood on their topics when it was settled. */
  get standing(): Standing | undefined {
    return this.#standing;
  }

  topicId(topic: string): string | null {
    return this.#standing?.ids.get(topic) ?? null;
  }

  readonly isCurrent = () => !this.#superseded;

  /** Work that waits for `ready` does not begin any more; work that has begun may still be confirmed. */
  doNotBegin(): void {
    this.#begin.abort();
  }

  /** The partitions may belong to others now, or stand elsewhere. */
  supersede(): void {
    this.#superseded = true;
    this.#begin.abort();
  }
}
