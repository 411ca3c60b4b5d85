/** Steers rows per chunk so that a chunk takes about the target time (0.3 s), within fixed bounds. */
export class ChunkSize {
  static readonly MIN = 100;
  static readonly MAX = 20_000;
  #rows = 2_000;

  constructor(private readonly targetMs = 300) {}

  get rows(): number {
    return this.#rows;
  }

  /** Feeds back what a chunk of `rows` rows took; the step is at most a doubling or a halving. One without rows never widens. */
  took(rows: number, ms: number): void {
    if (rows === 0 && ms <= this.targetMs) return;
    const ideal = this.#rows * (this.targetMs / Math.max(ms, 1));
    this.#set(Math.min(this.#rows * 2, Math.max(this.#rows / 2, ideal)));
  }

  /** What reads the topics is behind: halves the size, so that live changes have less to wait for. */
  fellBehind(): void {
    this.#set(this.#rows / 2);
  }

  #set(rows: number): void {
    this.#rows = Math.round(Math.min(ChunkSize.MAX, Math.max(ChunkSize.MIN, rows)));
  }
}
