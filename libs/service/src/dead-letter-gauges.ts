import { DeadLetterCounts } from '@tributary/dead-letters';
import { errorText } from '@tributary/kernel';
import type { Transport } from '@tributary/transport';
import type { ServiceContext } from './service-context';

const LOOK_MS = 10_000;

/** The dead letters that are neither replayed nor discarded, as metrics; every copy shows the same. */
export class DeadLetterGauges {
  readonly #counts: DeadLetterCounts;
  /** Codes that had open ones: they show 0 when those are resolved. */
  readonly #codes = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(
    private readonly context: Pick<ServiceContext, 'env' | 'log' | 'metrics'>,
    kafka: Pick<Transport, 'reader'>,
  ) {
    this.#counts = new DeadLetterCounts(kafka, context.env.config.topics.deadLetters);
    const { metrics } = context;
    metrics.observeEach(
      'tributary_dead_letters_open',
      'Dead letters that are neither replayed nor discarded',
      ['code'],
      () => this.#lines(),
    );
    metrics.observe(
      'tributary_dead_letter_oldest_seconds',
      'Age of the oldest dead letter that is neither replayed nor discarded; 0: there is none',
      () => {
        const oldestMs = this.#counts.oldestMs();
        return oldestMs === null ? 0 : Math.max(0, Date.now() - oldestMs) / 1000;
      },
    );
  }

  start(): void {
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
    void this.#look();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
    await this.#counts.close();
  }

  #lines() {
    const counts = this.#counts.byCode();
    for (const code of counts.keys()) this.#codes.add(code);
    return [...this.#codes].map((code) => ({ labels: { code }, value: counts.get(code) ?? 0 }));
  }

  #look(): Promise<void> {
    this.#looking ??= this.#once().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async #once(): Promise<void> {
    try {
      await this.#counts.refresh();
    } catch (error) {
      // Readiness tells that Kafka is away.
      this.context.log.debug({ reason: errorText(error) }, 'the dead letters could not be looked at');
    }
  }
}
