import { serviceNames } from '../../services';
import type { Pipeline } from './pipeline';
import { killAndRestart } from './services';

/** `kill -9` of each service, one after another, spread over the live changes. */
export class Kills {
  readonly #left = [...serviceNames];
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

  /** Resolves when all that were killed so far are replaced by a ready one. */
  settled(): Promise<void> {
    return this.#work;
  }

  #killNext(): void {
    const app = this.#left.shift();
    if (!app) return;
    this.#work = this.#work.then(async () => {
      const [fresh] = await killAndRestart(this.pipeline, app);
      this.say(`${app} was killed with kill -9; pid ${fresh?.pid ?? '?'} is ready in its place`);
    });
    // Whoever awaits `settled` learns of a failure; until then it must not end the process.
    this.#work.catch(() => undefined);
  }
}
