import { serviceNames, type ServiceRecord } from '@tributary/dev-services';
import type { Pipeline } from './pipeline';
import { killAndRestart, untilReady } from './services';

/** `kill -9` of each service, one after another, spread over the live changes. */
export class Kills {
  readonly #left = [...serviceNames];
  readonly #fresh: ServiceRecord[] = [];
  #work: Promise<void> = Promise.resolve();

  constructor(
    private readonly pipeline: Pipeline,
    private readonly changes: number,
    private readonly say: (line: string) => void,
  ) {}

  /** Tells how many changes are done. With the last one every service has had its turn. */
  at(done: number): void {
    const turns = serviceNames.length;
    const due = done >= this.changes ? turns : Math.floor((done / this.changes) * (turns + 1));
    while (turns - this.#left.length < due) this.#killNext();
  }

  /** Resolves when every service that was killed so far has a ready one in its place. */
  async settled(signal?: AbortSignal): Promise<void> {
    await this.#work;
    await untilReady(this.#fresh, signal);
  }

  #killNext(): void {
    const app = this.#left.shift();
    if (!app) return;
    this.#work = this.#work.then(async () => {
      const fresh = await killAndRestart(this.pipeline, app);
      this.#fresh.push(...fresh);
      this.say(`kill -9 of ${app}; started again as pid ${fresh.map(({ pid }) => pid).join(', ')}`);
    });
    // Whoever awaits `settled` learns of a failure; until then it must not end the process.
    this.#work.catch(() => undefined);
  }
}
