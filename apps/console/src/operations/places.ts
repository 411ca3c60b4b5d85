import { ApiProblem } from '../http/api-problem';

/** How many calls are worked on at once, in all and of one caller. */
export class Places {
  readonly #taken = new Map<string, number>();
  #total = 0;

  constructor(
    private readonly most: number,
    private readonly mostOfCaller: number,
  ) {}

  /** Takes a place until the work has ended. Throws a problem 503 when none is free, 429 when the caller has enough of them. */
  async hold<T>(caller: string, work: () => Promise<T>): Promise<T> {
    const own = this.#taken.get(caller) ?? 0;
    if (own >= this.mostOfCaller)
      throw busy(429, `${own} calls of ${caller} are worked on already: wait for one of them.`);
    if (this.#total >= this.most)
      throw busy(503, `The console works on ${this.most} calls already: try again.`);
    this.#take(caller, 1);
    try {
      return await work();
    } finally {
      this.#take(caller, -1);
    }
  }

  #take(caller: string, more: 1 | -1): void {
    this.#total += more;
    const now = (this.#taken.get(caller) ?? 0) + more;
    if (now > 0) this.#taken.set(caller, now);
    else this.#taken.delete(caller);
  }
}

const busy = (status: number, detail: string) =>
  new ApiProblem(status, 'BUSY', detail, undefined, { 'retry-after': '2' });
