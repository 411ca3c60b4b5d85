import { readAll, type RecordSender, type Transport } from '@tributary/transport';

/** What one service instance says of itself every few seconds, for `tributary status`. */
export interface Heartbeat {
  readonly app: string;
  /** Unique per process. */
  readonly instance: string;
  readonly pid: number;
  readonly host: string;
  readonly port: number;
  /** ISO times. */
  readonly startedAt: string;
  readonly at: string;
  readonly ready: boolean;
  readonly trouble: string | null;
  readonly tables: Readonly<Record<string, TableActivity>>;
  readonly lagEvents: number | null;
  /** Of the product, and the hash of its sync file; instances of 0.1 do not tell. */
  readonly version?: string;
  readonly config?: string;
  /** Of the relay that leads: the incarnation of the change log that it reads. */
  readonly leads?: string;
}

export interface TableActivity {
  readonly events: number;
  readonly perSecond: number;
  readonly lastVersion: string;
  readonly lastTsMs: number;
}

const keyOf = ({ app, instance }: Pick<Heartbeat, 'app' | 'instance'>) => `${app}/${instance}`;

export class HeartbeatPublisher {
  #sending = false;

  constructor(
    private readonly publisher: RecordSender,
    private readonly topic: string,
  ) {}

  /** Sends, unless the one before is still on its way: while Kafka is away heartbeats must not pile up. */
  async publish(heartbeat: Heartbeat): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    try {
      const value = JSON.stringify(heartbeat);
      await this.publisher.send(this.topic, [{ key: keyOf(heartbeat), value, partition: 0 }]);
    } finally {
      this.#sending = false;
    }
  }

  /** Takes an instance that ends in order off the list. */
  async retire(instance: Pick<Heartbeat, 'app' | 'instance'>): Promise<void> {
    await this.publisher.send(this.topic, [{ key: keyOf(instance), value: null, partition: 0 }]);
  }
}

/** The last heartbeat of every instance that has not retired, however old; `at` tells. Throws a SyncError. */
export async function readHeartbeats(
  transport: Pick<Transport, 'reader'>,
  topic: string,
): Promise<Heartbeat[]> {
  const last = new Map<string, Heartbeat>();
  await readAll(transport, topic, (_, records) => {
    for (const { key, value } of records) {
      const id = key?.toString('utf8') ?? '';
      const heartbeat = value && parseHeartbeat(value);
      if (heartbeat) last.set(id, heartbeat);
      else last.delete(id);
    }
  });
  return [...last.values()];
}

function parseHeartbeat(value: Buffer): Heartbeat | undefined {
  try {
    const heartbeat = JSON.parse(value.toString('utf8')) as Partial<Heartbeat> | null;
    const texts = [heartbeat?.app, heartbeat?.instance, heartbeat?.at, heartbeat?.startedAt];
    const activities = Object.values(heartbeat?.tables ?? { none: null });
    return texts.every((text) => typeof text === 'string') &&
      activities.every((activity) => typeof activity === 'object' && activity !== null)
      ? (heartbeat as Heartbeat)
      : undefined;
  } catch {
    return undefined;
  }
}
