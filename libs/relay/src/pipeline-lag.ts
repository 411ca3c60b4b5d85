import { errorText, pause } from '@tributary/kernel';
import type { RelayContext } from './ports';

const MEASURE_EVERY_MS = 1_000;
const LOOK_EVERY_MS = 100;
/**
 * A load rests while a stage has more events before it than this: some seconds of its work, which is enough to keep
 * it busy, and what a live change has to wait for behind the load.
 */
const MOST_EVENTS = 20_000;

/** Watches how far validator and sinks are behind the relay while a load runs. */
export class PipelineLag {
  #events = 0;
  #watching: AbortController | undefined;

  constructor(
    private readonly context: Pick<RelayContext, 'log'>,
    private readonly group: { read(): Promise<number>; readonly slowest: string; close(): Promise<void> },
    private readonly mostEvents = MOST_EVENTS,
  ) {}

  get behind(): boolean {
    return this.#events > this.mostEvents;
  }

  get slowest(): string {
    return `${this.group.slowest}, which has ${this.#events} events to do`;
  }

  start(): void {
    if (this.#watching) return;
    this.#watching = new AbortController();
    void this.#watch(this.#watching.signal);
  }

  stop(): void {
    this.#watching?.abort();
    this.#watching = undefined;
    this.#events = 0;
  }

  async caughtUp(signal: AbortSignal): Promise<void> {
    while (this.behind && !signal.aborted) await pause(LOOK_EVERY_MS, signal);
  }

  async #watch(signal: AbortSignal): Promise<void> {
    let quiet = false;
    while (!signal.aborted) {
      // Not known (Kafka is away, or its account may not ask) is not behind: publishing waits for Kafka by itself.
      const events = await this.group.read().catch((error: unknown) => {
        if (!quiet) this.context.log.warn({ reason: errorText(error) }, 'loads run without regard to lag');
        quiet = true;
        return 0;
      });
      if (!signal.aborted) this.#events = events;
      await pause(MEASURE_EVERY_MS, signal);
    }
    await this.group.close();
  }
}
