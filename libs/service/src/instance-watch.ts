import type { Heartbeat } from '@tributary/topics';

/** Longer than two heartbeats take. */
export const SILENT_MS = 8_000;

/** `unsure`: it has been seen once, and may have been killed since. */
export type Standing = 'lives' | 'unsure' | 'gone';

/** Tells by their heartbeats which instances live: two that differ are a sign of life that no server's clock decides. */
export class InstanceWatch {
  readonly #seen = new Map<string, { at: string; sinceMs: number; standing: Standing }>();

  constructor(private readonly read: () => Promise<readonly Heartbeat[]>) {}

  /** How the instances of now stand; one that took itself off the list, or has never been on it, is gone. */
  async look(): Promise<(instance: string) => Standing> {
    const heartbeats = new Map((await this.read()).map(({ instance, at }) => [instance, at]));
    const now = performance.now();
    for (const instance of this.#seen.keys()) if (!heartbeats.has(instance)) this.#seen.delete(instance);
    for (const [instance, at] of heartbeats) {
      const known = this.#seen.get(instance);
      if (known?.at !== at)
        this.#seen.set(instance, { at, sinceMs: now, standing: known ? 'lives' : 'unsure' });
      else if (now - known.sinceMs >= SILENT_MS) known.standing = 'gone';
    }
    return (instance) => this.#seen.get(instance)?.standing ?? 'gone';
  }
}
