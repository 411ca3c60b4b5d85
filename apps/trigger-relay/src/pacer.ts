import type { ChunkOutlet } from '@tributary/snapshot';

/** How the publishing loop waits: not at all while there is work, else until there is some or the term ends. */
export class Pacer {
  constructor(
    private readonly watcher: { wait(): Promise<void> },
    private readonly outlet: Pick<ChunkOutlet<unknown>, 'untilSubmitted'>,
  ) {}

  async pause(entries: number, signal: AbortSignal): Promise<void> {
    if (entries > 0 || signal.aborted) return;
    let abort = () => {};
    const aborted = new Promise<void>((resolve) => {
      abort = resolve;
      signal.addEventListener('abort', abort, { once: true });
    });
    try {
      await Promise.race([this.watcher.wait(), this.outlet.untilSubmitted(), aborted]);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }
}
