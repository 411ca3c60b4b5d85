/** A topic as the broker's metadata has it. */
export interface TopicFacts {
  readonly topic: string;
  /** Another one for each topic that is made, also of the same name: 32 hex digits. `null`: the broker knows none. */
  readonly id: string | null;
  readonly partitions: number;
}

/** Facts of topics: `missing` ones are not there; those that this account may not see are in neither. */
export interface SeenTopics {
  readonly facts: ReadonlyMap<string, TopicFacts>;
  readonly missing: ReadonlySet<string>;
}

/** Asks for ids and partition counts of topics, again and again over one connection. */
export abstract class TopicWatch {
  /** One request. Throws a SyncError, `retry` while Kafka is away; the next call connects anew. */
  abstract read(topics: readonly string[]): Promise<SeenTopics>;
  /** The id of one topic now; `null` where it cannot be told. Errors as those of `read`. */
  abstract idOf(topic: string): Promise<string | null>;
  abstract close(): Promise<void>;
}
