import { setTimeout as sleep } from 'node:timers/promises';
import type { Mark } from '@tributary/sample-data';
import type { Target, TargetName } from './targets';

export interface Latency {
  readonly samples: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Between two looks at a target: small against what is measured, and leaves the processor to the services. */
const LOOK_MS = 2;

/**
 * Times marked changes from the moment the application knew of its commit until a target shows them. Each target
 * is asked by one loop for all changes still on their way, so the clock is at most one look late.
 */
export class LatencyWatch {
  readonly #watchers: TargetWatcher[];

  constructor(targets: readonly Target[]) {
    this.#watchers = targets.map((target) => new TargetWatcher(target));
  }

  add(mark: Mark): void {
    for (const watcher of this.#watchers) watcher.add(mark);
  }

  /** Waits for all changes added so far; rejects when one is not there after `timeoutMs`. */
  async settled(
    timeoutMs = 60_000,
    { signal, onWaiting }: { signal?: AbortSignal; onWaiting?: (changes: number) => void } = {},
  ): Promise<void> {
    const end = performance.now() + timeoutMs;
    for (const watcher of this.#watchers)
      while (watcher.waiting > 0) {
        watcher.rethrow();
        if (performance.now() > end)
          throw new Error(
            `${watcher.waiting} marked changes did not reach ${watcher.target.name} within ${timeoutMs / 1000} s.`,
          );
        onWaiting?.(watcher.waiting);
        await sleep(1, undefined, { signal });
      }
  }

  results(): Record<TargetName, Latency> {
    return Object.fromEntries(
      this.#watchers.map((watcher) => [watcher.target.name, summarize(watcher.latencies)]),
    ) as Record<TargetName, Latency>;
  }

  stop(): void {
    for (const watcher of this.#watchers) watcher.stop();
  }
}

class TargetWatcher {
  readonly latencies: number[] = [];
  readonly #committedAt = new Map<string, number>();
  #running = false;
  #error: Error | undefined;

  constructor(readonly target: Target) {}

  get waiting(): number {
    return this.#committedAt.size;
  }

  add({ userId, committedAt }: Mark): void {
    this.#committedAt.set(userId, committedAt);
    if (!this.#running) void this.#look();
  }

  stop(): void {
    this.#committedAt.clear();
  }

  rethrow(): void {
    if (this.#error) throw this.#error;
  }

  async #look(): Promise<void> {
    this.#running = true;
    try {
      while (this.#committedAt.size > 0) {
        for (const userId of await this.target.usersPresent([...this.#committedAt.keys()])) {
          const committedAt = this.#committedAt.get(userId);
          if (committedAt !== undefined) this.latencies.push(performance.now() - committedAt);
          this.#committedAt.delete(userId);
        }
        if (this.#committedAt.size > 0) await sleep(LOOK_MS);
      }
    } catch (error) {
      this.#error = error as Error;
    } finally {
      this.#running = false;
    }
  }
}

/** Median and 99th percentile by nearest rank; NaN without samples. */
export function summarize(latencies: readonly number[]): Latency {
  const sorted = [...latencies].sort((a, b) => a - b);
  const rank = (part: number) => sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? NaN;
  return { samples: sorted.length, medianMs: rank(0.5), p99Ms: rank(0.99), maxMs: rank(1) };
}
