import { Inject, Injectable } from '@nestjs/common';
import type { LogIdentity } from '@tributary/capture';
import { Metrics, ServiceInfo } from '@tributary/service';

interface Raised {
  readonly atMs: number;
  readonly reason: string;
}

/** Whose versions the leading relay gives, in `/info` and as metrics (leader only). */
@Injectable()
export class IdentityReport {
  #identity: LogIdentity | undefined;
  #raised: Raised | null = null;

  constructor(@Inject(ServiceInfo) about: ServiceInfo, @Inject(Metrics) metrics: Metrics) {
    about.describe(() => (this.#identity ? { identity: this.#info(this.#identity) } : {}));
    metrics.observe('tributary_epoch', 'Epoch of the versions that are given now (leader only, else 0)', () =>
      Number(this.#identity?.epoch ?? 0),
    );
    metrics.observe(
      'tributary_epoch_raised_timestamp_seconds',
      'When the epoch last rose because versions could not be compared, with a load of every table (Unix time, leader only; 0: never)',
      () => (this.#identity && this.#raised ? this.#raised.atMs / 1000 : 0),
    );
  }

  set(identity: LogIdentity, raised: Raised | null): void {
    this.#identity = identity;
    this.#raised = raised;
  }

  /** The term has ended. */
  clear(): void {
    this.#identity = undefined;
  }

  /** What a heartbeat says of it. */
  leads(): { readonly leads?: string } {
    return this.#identity ? { leads: this.#identity.incarnation } : {};
  }

  #info({ pipeline, incarnation, epoch }: LogIdentity) {
    const raised = this.#raised;
    return {
      ...{ pipeline, incarnation, epoch },
      raised: raised && { at: new Date(raised.atMs).toISOString(), reason: raised.reason },
    };
  }
}
