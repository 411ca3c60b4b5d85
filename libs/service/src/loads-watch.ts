import type { BatchServer, RecordPublisher } from '@tributary/transport';
import { STUCK_MS } from './consumer-watch';
import type { ServiceContext } from './service-context';

/** Health checks and metrics of the consumer of loads: that bulk records wait is no lag of live changes, and normal. */
export class LoadsWatch {
  constructor(
    { health, metrics }: Pick<ServiceContext, 'health' | 'metrics'>,
    private readonly server: Pick<BatchServer, 'state'>,
    /** Of a stage that has one of its own for them. */
    private readonly publisher?: Pick<RecordPublisher, 'trouble'>,
  ) {
    health.ready({ name: 'loads', check: () => this.#checkTrouble() });
    health.live({ name: 'loads', check: () => this.#checkProgress() });
    metrics.observe(
      'tributary_loads_lag_events',
      'Bulk records of loads fetched from Kafka last that wait to be handled, behind all live changes',
      () => Number(this.#lag()),
    );
  }

  /** What keeps the service from applying loads, one sentence; that live changes come first is none. */
  get trouble(): string | null {
    return this.server.state.trouble ?? this.publisher?.trouble ?? null;
  }

  #lag(): bigint {
    return [...this.server.state.lag.values()].reduce((sum, one) => sum + one, 0n);
  }

  #checkTrouble(): void {
    if (this.trouble !== null) throw new Error(this.trouble);
  }

  #checkProgress(): void {
    const { joined, trouble, lastProgressAt } = this.server.state;
    const idleMs = performance.now() - lastProgressAt;
    if (joined && trouble === null && this.#lag() > 0n && idleMs > STUCK_MS)
      throw new Error(
        `no batch of loads was finished for ${Math.round(idleMs / 1000)} s though records wait and nothing comes before them`,
      );
  }
}
