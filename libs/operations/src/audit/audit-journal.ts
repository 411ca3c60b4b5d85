import { transient, within } from '@tributary/kernel';
import { AuditLog, type AuditEntry, type StoredAuditEntry } from '@tributary/topics';
import type { RecordPublisher } from '@tributary/transport';
import type { Servers } from '../servers';

/** A publisher waits for Kafka however long; whoever waits for an answer does not. */
const WRITE_MS = 10_000;

/** The audit topic for a process that writes to it now and then. */
export class AuditJournal {
  readonly #log: AuditLog;
  readonly #publisher: RecordPublisher;
  #started: Promise<void> | undefined;

  constructor(servers: Servers) {
    this.#log = new AuditLog(servers.kafka, servers.config.prefix);
    this.#publisher = servers.kafka.publisher();
  }

  /** Resolves when Kafka has it. Throws a SyncError, also when that takes longer than some seconds. */
  write(entry: AuditEntry): Promise<void> {
    return within(this.#write(entry), WRITE_MS, () => {
      throw transient('UNREACHABLE', `Kafka has not taken it within ${WRITE_MS / 1_000} s.`);
    });
  }

  /** Newest first; `before`: older ones than that of this id. */
  newest(limit: number, before?: string): Promise<StoredAuditEntry[]> {
    return this.#log.newest(limit, before);
  }

  /** Entries that any process writes from now on, until the signal aborts. */
  follow(signal: AbortSignal): AsyncGenerator<StoredAuditEntry> {
    return this.#log.follow(signal);
  }

  async close(): Promise<void> {
    if (this.#started) await this.#publisher.stop();
  }

  async #write(entry: AuditEntry): Promise<void> {
    this.#started ??= this.#publisher.start();
    try {
      await this.#started;
    } catch (error) {
      this.#started = undefined;
      throw error;
    }
    await this.#log.write(this.#publisher, entry);
  }
}
