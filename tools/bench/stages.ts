import { setTimeout as sleep } from 'node:timers/promises';
import { serviceNames, type ServiceName, type ServiceRecord } from '@tributary/dev-services';

export type Services = Readonly<Record<ServiceName, ServiceRecord>>;
export type PerService<T> = Record<ServiceName, T>;

/** A value for each service. */
export function perService<T>(of: (app: ServiceName) => T): PerService<T> {
  return Object.fromEntries(serviceNames.map((app) => [app, of(app)])) as PerService<T>;
}

/** A look costs a service some 5 ms of processor time, so that looking oftener would show in the figures. */
const LOOK_MS = 1000;
/** A sweep of millions of rows at the end of a load holds up its partition meanwhile. */
const STALL_MS = 600_000;

/** Events that a service has finished since its start, by its own metrics. */
export async function eventsOf({ app, port }: ServiceRecord): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`${app} answers /metrics with ${response.status}.`);
  const samples = (await response.text()).matchAll(/^tributary_events_total\{[^}]*\} (\S+)$/gm);
  return [...samples].reduce((sum, [, value]) => sum + Number(value), 0);
}

/** Waits until a service that has just been started answers over HTTP, at most 30 s. */
export async function untilAnswers(service: ServiceRecord): Promise<void> {
  for (const end = performance.now() + 30_000; ; await sleep(20))
    try {
      await eventsOf(service);
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
    }
}

export interface StageTime {
  readonly events: number;
  /** From the stage's first event to its last one. */
  readonly seconds: number;
}

/** Watches the stages of the pipeline work through a known number of events. */
export class StageWatch {
  readonly #before: PerService<number>;
  readonly #now: PerService<number>;
  readonly #firstAt: Partial<PerService<number>> = {};
  readonly #lastAt: Partial<PerService<number>> = {};
  #movedAt = performance.now();

  private constructor(
    private readonly services: Services,
    before: PerService<number>,
  ) {
    this.#before = before;
    this.#now = { ...before };
  }

  /** Counts what happened since the services were started, too. */
  static fromZero(services: Services): StageWatch {
    return new StageWatch(
      services,
      perService(() => 0),
    );
  }

  /** Counts from now on. */
  static async start(services: Services): Promise<StageWatch> {
    const counts = await Promise.all(serviceNames.map((app) => eventsOf(services[app])));
    return new StageWatch(
      services,
      perService((app) => counts[serviceNames.indexOf(app)]!),
    );
  }

  /** Resolves when every stage has done what `expected` says by then (undefined: not known yet). */
  async until(
    expected: () => number | undefined,
    onProgress: (done: PerService<number>) => void,
    signal: AbortSignal,
  ): Promise<PerService<StageTime>> {
    for (;;) {
      signal.throwIfAborted();
      await Promise.all(serviceNames.map((app) => this.#look(app)));
      const done = perService((app) => this.#now[app] - this.#before[app]);
      onProgress(done);
      const goal = expected();
      if (goal !== undefined && serviceNames.every((app) => done[app] >= goal)) break;
      if (performance.now() - this.#movedAt > STALL_MS)
        throw new Error(
          `No stage has moved for ${STALL_MS / 1000} s: ${JSON.stringify(done)} of ${goal} events.`,
        );
      await sleep(LOOK_MS, undefined, { signal });
    }
    return perService((app) => ({
      events: this.#now[app] - this.#before[app],
      seconds: ((this.#lastAt[app] ?? NaN) - (this.#firstAt[app] ?? NaN)) / 1000,
    }));
  }

  async #look(app: ServiceName): Promise<void> {
    const askedAt = performance.now();
    const events = await eventsOf(this.services[app]);
    if (events === this.#now[app]) {
      // Until the first event has come the stage's clock has not started.
      if (events === this.#before[app]) this.#firstAt[app] = askedAt;
      return;
    }
    this.#firstAt[app] ??= askedAt;
    this.#now[app] = events;
    this.#movedAt = this.#lastAt[app] = performance.now();
  }
}
