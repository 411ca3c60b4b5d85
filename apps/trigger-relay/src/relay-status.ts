import { Inject, Injectable } from '@nestjs/common';
import { HealthRegistry, Metrics, ServiceInfo } from '@tributary/service';
import { RecordPublisher } from '@tributary/transport';
import { SourcePing } from './source-ping';

/** Whether this instance leads, and what keeps it from its work: in `/info`, readiness and metrics. */
@Injectable()
export class RelayStatus {
  #role: 'starting' | 'standby' | 'leader' = 'starting';
  /** Whose lead it waits for. */
  #leader: string | null = null;
  /** What keeps it from its work, one sentence. */
  #trouble: string | null = null;

  constructor(
    @Inject(ServiceInfo) private readonly about: ServiceInfo,
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(SourcePing) private readonly ping: SourcePing,
    @Inject(HealthRegistry) health: HealthRegistry,
    @Inject(RecordPublisher) publisher: RecordPublisher,
  ) {
    health.ready({ name: 'mysql', check: () => this.#checkWork() });
    health.ready({ name: 'kafka', check: () => throwIf(publisher.trouble) });
    about.describe(() => ({
      role: this.#role,
      ...(this.#role === 'standby' && { waitsForTheLeadOf: this.#leader }),
    }));
    metrics.observe('tributary_relay_leader', '1 while this instance reads the change log', () =>
      Number(this.#role === 'leader'),
    );
  }

  leads(): void {
    this.#enter('leader');
  }

  /** Answers whether that is news. */
  standsBy(leader: string | null): boolean {
    const news = this.#role !== 'standby' || leader !== this.#leader;
    this.#leader = leader;
    this.#enter('standby');
    return news;
  }

  /** The term, or the wait for one, has ended. */
  ended(): void {
    this.#role = 'standby';
    this.#setTrouble(0);
  }

  /** The term ended for this reason, and another one is to begin. */
  failed(reason: string): void {
    this.#trouble = reason;
    this.#setTrouble(1);
  }

  #enter(role: 'leader' | 'standby'): void {
    this.#role = role;
    this.#trouble = null;
    this.#setTrouble(0);
  }

  #setTrouble(value: 0 | 1): void {
    this.metrics.trouble.set({ stage: this.about.app }, value);
  }

  async #checkWork(): Promise<void> {
    throwIf(this.#trouble ?? (this.#role === 'starting' ? 'the relay is starting' : null));
    await this.ping.ask();
  }
}

function throwIf(sentence: string | null): void {
  if (sentence !== null) throw new Error(sentence);
}
