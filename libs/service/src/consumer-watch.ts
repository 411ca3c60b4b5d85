import type { BatchServer, RecordPublisher } from '@tributary/transport';
import { observeLag } from './lag-gauge';
import type { ServiceContext } from './service-context';

/** No progress for so long, with work waiting and no server down, means that this process is stuck. */
export const STUCK_MS = 120_000;

/** Health checks and metrics of a service that consumes batches and publishes. */
export class ConsumerWatch {
  constructor(
    context: ServiceContext,
    private readonly server: BatchServer,
    private readonly publisher: RecordPublisher,
    /** Whether a name that a message gives is that of a table. */
    isTable: (table: string) => boolean,
  ) {
    const { health, metrics } = context;
    health.ready({ name: 'kafka', check: () => this.#checkKafka() });
    health.inform({
      name: 'work',
      read: () => (this.server.state.awaits === null ? null : { awaited: this.server.state.awaits }),
    });
    health.live({ name: 'progress', check: () => this.#checkProgress() });
    metrics.observe(
      'tributary_consumer_lag_events',
      'Events fetched from Kafka last that wait to be handled',
      () => Number(this.#lag()),
    );
    observeLag(metrics, () => [{ stage: metrics.stage, oldest: server.state.oldest() }], isTable);
  }

  /** What keeps the service from its work, one sentence. */
  get trouble(): string | null {
    return this.server.state.trouble ?? this.publisher.trouble;
  }

  /** Events that wait; `null` while no partition is assigned. */
  lag(): number | null {
    return this.server.state.joined ? Number(this.#lag()) : null;
  }

  #lag(): bigint {
    return [...this.server.state.lag.values()].reduce((sum, one) => sum + one, 0n);
  }

  #checkKafka(): void {
    if (this.trouble !== null) throw new Error(this.trouble);
    const { joined, awaits } = this.server.state;
    if (!joined && awaits === null) throw new Error('the consumer group has not let this instance in yet');
  }

  #checkProgress(): void {
    const { joined, trouble, lastProgressAt } = this.server.state;
    const idleMs = performance.now() - lastProgressAt;
    if (joined && trouble === null && this.#lag() > 0n && idleMs > STUCK_MS)
      throw new Error(`no batch was finished for ${Math.round(idleMs / 1000)} s though events wait`);
  }
}
