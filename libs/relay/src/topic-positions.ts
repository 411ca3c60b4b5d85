import { publishedText, type TopicEnds } from '@tributary/capture';

/** How far the topic of changes is known to hold what this log said, by partition; the source keeps it (R4). */
export class TopicPositions {
  /** Rows are being read by their keys, so that their images on the topic are others than the log's. */
  rereading = false;
  #ends = new Map<number, bigint>();
  #stored = '';

  /** A term begins: the source has just stored this. */
  begin(ends: TopicEnds): void {
    this.#ends = new Map(ends);
    this.rereading = false;
    this.#stored = publishedText(this.#ends, false);
  }

  note(partition: number, end: bigint): void {
    if (end > (this.#ends.get(partition) ?? 0n)) this.#ends.set(partition, end);
  }

  get ends(): TopicEnds {
    return new Map(this.#ends);
  }

  /** What the source is to store; `undefined` when it has that already. */
  next(): string | undefined {
    const text = publishedText(this.#ends, this.rereading);
    if (text === this.#stored) return undefined;
    this.#stored = text;
    return text;
  }
}
