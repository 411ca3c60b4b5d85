import type { ConsumerState, OldestChanges } from '@tributary/transport';
import { WaitingChanges } from './waiting-changes';

/** Kafka answers a heartbeat of a member every 3 s or so; past this something is wrong. */
const SILENCE_MS = 8000;

export class LiveState implements ConsumerState {
  joined = false;
  awaits: string | null = null;
  lastProgressAt = performance.now();
  readonly lag = new Map<string, bigint>();
  readonly changes = new WaitingChanges();
  /** Why the consumer as a whole does not work. */
  down: string | null = null;
  /** Why single partitions do not, by `topic/partition`. */
  readonly waiting = new Map<string, string>();
  /** Why what is confirmed cannot be committed. */
  uncommitted: string | null = null;
  /** The next offset to be confirmed, by `topic/partition`. */
  readonly next = new Map<string, bigint>();
  #heardAt = performance.now();

  constructor(private readonly brokers: string) {}

  get trouble(): string | null {
    if (this.down !== null) return this.down;
    const [waiting] = this.waiting.values();
    if (waiting !== undefined) return waiting;
    if (this.uncommitted !== null) return this.uncommitted;
    const silence = performance.now() - this.#heardAt;
    return this.joined && silence > SILENCE_MS
      ? `Kafka at ${this.brokers} has not answered for ${Math.round(silence / 1000)} s.`
      : null;
  }

  oldest(): OldestChanges {
    return this.changes.oldest();
  }

  /** No partition is ours for now. */
  left(): void {
    this.joined = false;
    this.awaits = null;
  }

  /** Kafka has answered. */
  heard(): void {
    this.#heardAt = performance.now();
  }

  progressed(): void {
    this.lastProgressAt = performance.now();
  }

  /** Forgets partitions that others have now. */
  keepOnly(partitions: ReadonlySet<string>): void {
    this.changes.keepOnly(partitions);
    for (const map of [this.lag, this.waiting, this.next])
      for (const key of map.keys()) if (!partitions.has(key)) map.delete(key);
  }
}
