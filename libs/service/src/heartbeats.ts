import { errorText } from '@tributary/kernel';
import { hostname } from 'node:os';
import { HeartbeatPublisher, type Heartbeat } from '@tributary/topics';
import type { RecordPublisher } from '@tributary/transport';
import type { ActivityMeter } from './activity-meter';
import type { ServiceContext } from './service-context';
import { productVersion } from './version';

const EVERY_MS = 3_000;

/** Tells `tributary status` every few seconds that this instance lives, how it is and what it did. */
export class Heartbeats {
  readonly #publisher: HeartbeatPublisher;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly context: Pick<
      ServiceContext,
      'app' | 'instance' | 'startedAt' | 'env' | 'health' | 'log'
    >,
    publisher: RecordPublisher,
    private readonly activity: ActivityMeter,
    /** Events that wait for this stage; `null` when that is not known now. */
    private readonly lag: () => number | null,
    /** What is to be said besides. */
    private readonly more: () => Pick<Heartbeat, 'leads'> = () => ({}),
  ) {
    this.#publisher = new HeartbeatPublisher(publisher, context.env.config.topics.heartbeats);
  }

  start(): void {
    this.#timer = setInterval(() => void this.#beat(), EVERY_MS);
  }

  /** Takes this instance off the list; call it while the publisher still runs. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    // An instance that never beat, or whose Kafka is away, has nothing to take back.
    if (this.#timer) await this.#quietly(this.#publisher.retire(this.context));
  }

  async #beat(): Promise<void> {
    const { app, instance, startedAt, env, health } = this.context;
    const faults = [...(await health.readiness()).values()].filter((fault) => fault !== null);
    await this.#quietly(
      this.#publisher.publish({
        app,
        instance,
        pid: process.pid,
        host: hostname(),
        port: env.port,
        startedAt: startedAt.toISOString(),
        at: new Date().toISOString(),
        ready: faults.length === 0,
        // A topic unlike the sync file stops nobody now, and is to be mended all the same.
        trouble: faults[0] ?? Object.values(health.details().get('topics') ?? {})[0] ?? null,
        tables: this.activity.tables(),
        lagEvents: this.lag(),
        version: productVersion,
        config: env.config.hash,
        ...this.more(),
      }),
    );
  }

  async #quietly(sent: Promise<void>): Promise<void> {
    try {
      await sent;
    } catch (error) {
      this.context.log.debug({ reason: errorText(error) }, 'no heartbeat could be sent');
    }
  }
}
