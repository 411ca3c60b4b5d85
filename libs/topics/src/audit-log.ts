import { auditTopic } from '@tributary/contract';
import {
  followTopic,
  readSpans,
  type InRecord,
  type RecordSender,
  type Transport,
} from '@tributary/transport';

/** One action of a person. */
export interface AuditEntry {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly who: string;
  readonly role: string;
  /** The address that the call came from. */
  readonly from: string;
  /** The operation, as `pauseTable`. */
  readonly action: string;
  /** What it was done to and how; no values of rows. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly reason: string | null;
  readonly outcome: 'done' | 'failed' | 'refused';
  /** What came of it, or why it could not be done. */
  readonly detail: string;
}

/** An entry and its offset. */
export type StoredAuditEntry = AuditEntry & { readonly id: string };

const YEAR_MS = 365 * 24 * 60 * 60 * 1000;
/** Of one answer; what it was read in is garbage at once. */
const ANSWER_BYTES = 1 << 20;

/** The topic `<prefix>.audit`, one partition, kept a year. Every method throws SyncErrors (`retry` while Kafka is away). */
export class AuditLog {
  readonly topic: string;
  #made: Promise<void> | undefined;

  constructor(
    private readonly transport: Transport,
    prefix: string,
  ) {
    this.topic = auditTopic(prefix);
  }

  /** Resolves when Kafka has it. */
  async write(publisher: RecordSender, entry: AuditEntry): Promise<void> {
    await this.#ensure();
    await publisher.send(this.topic, [{ key: entry.who, value: JSON.stringify(entry), partition: 0 }]);
  }

  /** Newest first; `before`: older ones than that of this id. */
  async newest(limit: number, before?: string): Promise<StoredAuditEntry[]> {
    await this.#ensure();
    const most = BigInt(limit);
    const end = before === undefined ? undefined : BigInt(before);
    const start = (low: bigint, high: bigint) => {
      const to = end !== undefined && end < high ? end : high;
      return to - low > most ? to - most : low;
    };
    const entries: StoredAuditEntry[] = [];
    for await (const { records } of readSpans(this.transport, this.topic, start, ANSWER_BYTES))
      for (const record of records) {
        if (end !== undefined && BigInt(record.offset) >= end) return entries.reverse();
        entries.push(...stored(record));
      }
    return entries.reverse();
  }

  /** Entries that are written from now on, whoever writes them, until the signal aborts. */
  async *follow(signal: AbortSignal): AsyncGenerator<StoredAuditEntry> {
    await this.#ensure();
    for await (const { records } of followTopic(this.transport, this.topic, (_, high) => high, signal))
      for (const record of records) yield* stored(record);
  }

  /** Once a process: nobody takes the topic away while it is written. */
  #ensure(): Promise<void> {
    return (this.#made ??= this.#make().catch((error: unknown) => {
      this.#made = undefined;
      throw error;
    }));
  }

  async #make(): Promise<void> {
    const admin = this.transport.admin({ keepOpen: true });
    try {
      const there = await admin.partitionCounts([this.topic]);
      if (!there.has(this.topic))
        await admin.createTopics([
          {
            topic: this.topic,
            partitions: 1,
            settings: { 'message.timestamp.type': 'LogAppendTime', 'retention.ms': `${YEAR_MS}` },
          },
        ]);
      await admin.untilServed([this.topic]);
    } finally {
      await admin.close();
    }
  }
}

/** None of a record that is no entry. */
function stored({ value, offset }: InRecord): StoredAuditEntry[] {
  try {
    const entry = JSON.parse(value?.toString('utf8') ?? 'null') as Partial<AuditEntry> | null;
    const texts = [entry?.at, entry?.who, entry?.action, entry?.outcome];
    return texts.every((text) => typeof text === 'string') ? [{ ...(entry as AuditEntry), id: offset }] : [];
  } catch {
    return [];
  }
}
