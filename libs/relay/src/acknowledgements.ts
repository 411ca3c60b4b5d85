/** Entries that are held at most: each is listed in every read of the log, and passed over in every look at it. */
const MOST_HELD = 500;
/** How long an entry is held at most, milliseconds: as long as a change can be published twice because of a crash. */
const HOLD_MS = 100;

/**
 * Entries that Kafka has confirmed and the log still has. Deleting them takes a transaction, which costs the source as
 * much for one as for twenty, so they are gathered: late is safe, early is not (R12). Until then reads leave them out.
 */
export class Acknowledgements {
  #held: bigint[] = [];
  #since = 0;

  /** `acknowledge` deletes exactly these entries from the log. */
  constructor(
    private readonly acknowledge: (ids: readonly bigint[]) => Promise<unknown>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  get held(): readonly bigint[] {
    return this.#held;
  }

  hold(ids: readonly bigint[]): void {
    if (this.#held.length === 0) this.#since = this.now();
    this.#held.push(...ids);
  }

  /** Milliseconds until they are to be settled; `Infinity` when there are none. */
  get dueMs(): number {
    if (this.#held.length === 0) return Infinity;
    return this.#held.length >= MOST_HELD ? 0 : Math.max(0, this.#since + HOLD_MS - this.now());
  }

  /** Resolves when the log has them no longer. Throws what `acknowledge` throws; then they are still held. */
  async settle(): Promise<void> {
    if (this.#held.length === 0) return;
    await this.acknowledge(this.#held);
    this.#held = [];
  }
}
