const MINUTE_MS = 60_000;
/** Of one caller in a minute. */
const FIRST = 10;

interface Counted {
  written: number;
  left: number;
}

/** Which refused calls are written down: of each caller the first of a minute, and of the others how many there were. */
export class Refusals {
  readonly #callers = new Map<string, Counted>();

  /** Whether this one is; `onMore` is told at the end of the minute how many were not, if any were. */
  counts(caller: string, onMore: (many: number) => void): boolean {
    const known = this.#callers.get(caller);
    if (!known) {
      this.#callers.set(caller, { written: 1, left: 0 });
      setTimeout(() => this.#over(caller, onMore), MINUTE_MS).unref();
      return true;
    }
    if (known.written < FIRST) return (known.written += 1) > 0;
    known.left += 1;
    return false;
  }

  #over(caller: string, onMore: (many: number) => void): void {
    const { left } = this.#callers.get(caller)!;
    this.#callers.delete(caller);
    if (left > 0) onMore(left);
  }
}
