import { errorText } from '@tributary/kernel';
import { GroupAges, topicPlans, type Stage, type WaitingGroup } from '@tributary/topics';
import type { OldestChanges, Transport } from '@tributary/transport';
import type { ServiceContext } from './service-context';

const LOOK_MS = 10_000;

/**
 * Looks every few seconds how old is what consumer groups have not confirmed, and how much longer Kafka keeps it. While
 * Kafka is away what was seen last stays, and ages.
 */
export class GroupWatch {
  readonly #context: Pick<ServiceContext, 'log'>;
  readonly #ages: GroupAges;
  #waiting: readonly WaitingGroup[] = [];
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(
    context: Pick<ServiceContext, 'env' | 'log' | 'metrics'>,
    kafka: Pick<Transport, 'admin' | 'reader'>,
    stages: readonly Stage[],
  ) {
    this.#context = context;
    this.#ages = new GroupAges(kafka, stages, topicPlans(context.env.config));
    context.metrics.observeEach(
      'tributary_retention_headroom_seconds',
      'Time until Kafka deletes what the group has not confirmed, by its age; no line when nothing waits, or nothing is deleted',
      ['group'],
      () =>
        this.#waiting.flatMap(({ stage, deletedAtMs }) =>
          deletedAtMs === null
            ? []
            : [{ labels: { group: stage.group }, value: (deletedAtMs - Date.now()) / 1000 }],
        ),
    );
  }

  start(): void {
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
    void this.#look();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
    await this.#ages.close();
  }

  /** What groups have not confirmed for a whole look at least. */
  *waiting(): Iterable<{ readonly group: string; readonly oldest: OldestChanges }> {
    for (const { stage, oldest } of this.#waiting) yield { group: stage.group, oldest };
  }

  #look(): Promise<void> {
    this.#looking ??= this.#once().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async #once(): Promise<void> {
    try {
      this.#waiting = await this.#ages.read();
    } catch (error) {
      // Readiness tells that Kafka is away.
      this.#context.log.debug({ reason: errorText(error) }, 'the consumer groups could not be looked at');
    }
  }
}
