import type { Message } from 'kafkajs';

/** What the client takes for the messages of a partition: it looks at their number only, by which it counts sequences. */
export class PartitionRun {
  readonly messages: Message[] = [];
  /** Records; a batch counts as its records. */
  length = 0;

  add(message: Message, count: number): void {
    this.messages.push(message);
    this.length += count;
  }
}

interface Counted {
  readonly message: Message;
  readonly count: number;
}

/**
 * What the client takes for the messages of a request. kafkajs 2.2.4 looks for one without a value, then sorts them by
 * partition with `reduce`, and copies all that a partition has so far for each further record: half a microsecond for a
 * record where 2,000 go to 12 partitions. Here they are sorted in one pass.
 */
export class SortedMessages {
  constructor(private readonly chunk: readonly Counted[]) {}

  /** None lacks a value: null is one. */
  find(): undefined {
    return undefined;
  }

  /** `group`: the client's own step, which asks the partitioner; that leaves its answer in the message. */
  reduce(group: (into: object, message: Message) => unknown): Record<number, PartitionRun> {
    const runs: Record<number, PartitionRun> = {};
    for (const { message, count } of this.chunk) {
      if (message.partition === undefined) group({}, message);
      (runs[message.partition!] ??= new PartitionRun()).add(message, count);
    }
    return runs;
  }
}
