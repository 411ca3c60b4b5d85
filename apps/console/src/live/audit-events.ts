import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { pause } from '@tributary/kernel';
import { AuditTrail } from '../audit/audit-trail';
import { EventHub } from './event-hub';

const AGAIN_MS = 5_000;

/** Tells the streams of every entry of the audit topic, also of those that other copies and the command line write. */
@Injectable()
export class AuditEvents implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #stop = new AbortController();
  #following: Promise<void> | undefined;

  constructor(
    @Inject(AuditTrail) private readonly audit: AuditTrail,
    @Inject(EventHub) private readonly hub: EventHub,
  ) {}

  onApplicationBootstrap(): void {
    this.#following = this.#follow(this.#stop.signal);
  }

  onModuleDestroy(): Promise<void> | undefined {
    this.#stop.abort();
    return this.#following;
  }

  async #follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const entry of this.audit.follow(signal)) this.hub.publish('audit', entry);
      } catch {
        // Kafka is away, which the overview says. What was written meanwhile is read by GET audit.
      }
      await pause(AGAIN_MS, signal);
    }
  }
}
