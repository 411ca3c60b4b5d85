const HEARTBEAT_MS = 1000;

/** Keeps the membership alive while a handler works; the client sends at most one heartbeat each 3 s. */
export class HeartbeatTimer {
  /** Rejects with the error of a heartbeat. */
  readonly failed: Promise<never>;
  readonly #abort = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #error: unknown;
  #reject!: (error: unknown) => void;

  constructor(
    private readonly heartbeat: () => Promise<void>,
    private readonly giveUp: AbortSignal,
  ) {
    this.failed = new Promise((_, reject) => (this.#reject = reject));
    this.failed.catch(() => undefined);
    this.#timer = setInterval(() => void this.#beat(), HEARTBEAT_MS);
    giveUp.addEventListener('abort', this.#giveUp, { once: true });
  }

  /** For the handler: aborts when a heartbeat failed. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  throwIfFailed(): void {
    if (this.#error !== undefined) throw this.#error;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.giveUp.removeEventListener('abort', this.#giveUp);
  }

  async #beat(): Promise<void> {
    try {
      await this.heartbeat();
    } catch (error) {
      this.#error ??= error;
      this.#abort.abort();
      this.#reject(error);
    }
  }

  readonly #giveUp = () => this.#abort.abort();
}
