import type { TopicReader } from './topic-reader';
import type { Transport } from './transport';

/** Where a topic ends, asked for again and again on a connection that stays open. Throws SyncErrors (`retry` while Kafka is away). */
export class TopicEndsReader {
  #reader: TopicReader | undefined;

  constructor(
    private readonly transport: Pick<Transport, 'reader'>,
    private readonly topic: string,
  ) {}

  /** The offset after the last record of each partition. Calls must not overlap. */
  async ends(): Promise<Map<number, bigint>> {
    try {
      this.#reader ??= await this.#open();
      return await this.#reader.offsets('high');
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const reader = this.#reader;
    this.#reader = undefined;
    await reader?.close();
  }

  async #open(): Promise<TopicReader> {
    const reader = this.transport.reader(this.topic);
    await reader.open();
    return reader;
  }
}
