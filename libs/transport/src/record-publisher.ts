import type { SyncError } from '@tributary/kernel';
import type { InRecord, OutRecord, PassedBatch, WholeBatch } from './records';

/** Larger records are refused before they are sent. */
export const MAX_RECORD_BYTES = 49 * 2 ** 20;

export interface PublisherEvents {
  /** The first failure of a row of failures; sends are repeated until they work. */
  onTrouble?(error: SyncError): void;
  /** The first success after trouble. */
  onRecovered?(): void;
  /** All in-sync replicas hold records of a partition up to `end`, the offset after the last of them. */
  onAcknowledged?(topic: string, partition: number, end: bigint): void;
}

/**
 * Publishes with acks=all. Calls are served in the order of `send`, and records of one partition land in the order they
 * were handed over. After a failed request a partition may hold records twice (first time in order, second time in order),
 * never lost and never swapped; readers tell repeats by the version header (R4).
 */
export abstract class RecordPublisher {
  /** One sentence while sends do not get through, else null. */
  abstract readonly trouble: string | null;
  /** Connects. Kafka being away is no error (sends wait for it); throws SyncError `fatal` on a refused login. */
  abstract start(): Promise<void>;
  /**
   * Lets requests under way end (at most 5 s), then disconnects. Sends that are still waiting are rejected with a
   * SyncError `retry` of code `STOPPED`.
   */
  abstract stop(): Promise<void>;
  /**
   * Resolves when all in-sync replicas hold every record. Waits out any outage, until `stop`. Rejects with an
   * OversizeRecordError when records are larger than the topic allows: the other records of the call were
   * delivered, in order. Rejects with a SyncError `fatal` when Kafka refuses for good (rights), and with a plain
   * Error when a record has neither key nor partition. A batch counts as its records, in that error too; it is sent as it
   * stands, or record by record when the topic does not take it whole.
   */
  abstract send(topic: string, records: readonly (OutRecord | PassedBatch)[]): Promise<void>;
  /**
   * The batch that begins with the record number `from`, if all its records stand there in order and this publisher can
   * pass it on as it stands; the bytes are not copied.
   */
  abstract wholeBatch(records: readonly InRecord[], from: number): WholeBatch | undefined;
}

/** What most who publish need of it. */
export type RecordSender = Pick<RecordPublisher, 'send'>;
