import { errorText, within } from '@tributary/kernel';

/** One thing that a service needs to do its work; `check` rejects with one sentence when it cannot. */
export interface HealthCheck {
  readonly name: string;
  check(): Promise<void> | void;
}

/** Something worth showing beside the checks that is no reason not to be ready; `null`: nothing to show. */
export interface HealthDetail {
  readonly name: string;
  read(): Readonly<Record<string, string>> | null;
}

const CHECK_TIMEOUT_MS = 2_000;
/** How long an answer stands: a "no" shortly, since what waits for a service to be ready waits for the next one. */
const YES_MS = 1_000;
const NO_MS = 100;

interface Answer {
  readonly result: Promise<string | null>;
  /** `performance.now()` until which it stands; without end while the check is under way. */
  until: number;
}

/** What `/health/ready` and `/health/live` ask: checks that the parts of a service registered at start. */
export class HealthRegistry {
  readonly #readiness: HealthCheck[] = [];
  readonly #liveness: HealthCheck[] = [];
  readonly #details: HealthDetail[] = [];
  readonly #cache = new Map<HealthCheck, Answer>();
  #stopping = false;

  /** Asked by readiness: the servers that the service needs and whether it holds or awaits its work. */
  ready(check: HealthCheck): void {
    this.#readiness.push(check);
  }

  /** Shown by readiness, whatever the checks say. */
  inform(detail: HealthDetail): void {
    this.#details.push(detail);
  }

  /** Asked by liveness: must not depend on other servers, only on this process making progress. */
  live(check: HealthCheck): void {
    this.#liveness.push(check);
  }

  /** From now on readiness is down, so that nobody counts on a process that drains. */
  stopping(): void {
    this.#stopping = true;
  }

  readiness(): Promise<Map<string, string | null>> {
    if (this.#stopping) return Promise.resolve(new Map([['shutdown', 'the service is shutting down']]));
    return this.#results(this.#readiness);
  }

  /** What there is to show now, by name. */
  details(): Map<string, Readonly<Record<string, string>>> {
    return new Map(
      this.#details.flatMap(({ name, read }) => {
        const shown = read();
        return shown ? [[name, shown] as const] : [];
      }),
    );
  }

  liveness(): Promise<Map<string, string | null>> {
    return this.#results(this.#liveness);
  }

  async #results(checks: readonly HealthCheck[]): Promise<Map<string, string | null>> {
    const results = await Promise.all(checks.map((check) => this.#cached(check)));
    return new Map(checks.map(({ name }, at) => [name, results[at] ?? null]));
  }

  /** Probes come from several places at once; the servers behind them are asked by one of them. */
  #cached(check: HealthCheck): Promise<string | null> {
    const known = this.#cache.get(check);
    if (known && performance.now() < known.until) return known.result;
    const answer: Answer = { result: outcome(check), until: Infinity };
    this.#cache.set(check, answer);
    void answer.result.then(
      (fault) => (answer.until = performance.now() + (fault === null ? YES_MS : NO_MS)),
    );
    return answer.result;
  }
}

async function outcome(check: HealthCheck): Promise<string | null> {
  try {
    await within(Promise.resolve(check.check()), CHECK_TIMEOUT_MS, () => {
      throw new Error(`no answer within ${CHECK_TIMEOUT_MS} ms`);
    });
    return null;
  } catch (error) {
    return errorText(error);
  }
}
