import type { Kafka } from './kafka';
import { kafkaError } from './kafka-error';
import { PartitionReader } from './partition-reader';

/** Where a topic ends, asked for again and again on a connection that stays open. Throws SyncErrors (`retry` while Kafka is away). */
export class TopicEndsReader {
  #reader: PartitionReader | undefined;

  constructor(
    private readonly kafka: Kafka,
    private readonly topic: string,
  ) {}

  /** The offset after the last record of each partition. Calls must not overlap. */
  async ends(): Promise<Map<number, bigint>> {
    try {
      this.#reader ??= await this.#open();
      return await this.#reader.offsets('high');
    } catch (error) {
      await this.close();
      throw kafkaError(error, this.kafka.brokers);
    }
  }

  async close(): Promise<void> {
    const reader = this.#reader;
    this.#reader = undefined;
    await reader?.close();
  }

  async #open(): Promise<PartitionReader> {
    const reader = new PartitionReader(this.kafka, this.topic);
    try {
      await reader.open();
    } catch (error) {
      await reader.close();
      throw error;
    }
    return reader;
  }
}
