import { innerCluster } from './inner-cluster';
import type { Kafka } from './kafka';
import { kafkaError } from './kafka-error';
import type { SeenTopics, TopicFacts, TopicWatch } from '@tributary/transport';
import { METADATA_VERSION, topicFactsRequest, type FoundTopic } from './topic-facts-request';

const METADATA = 3;
const UNKNOWN_TOPIC = 3;
const LEADER_NOT_AVAILABLE = 5;

interface InnerBroker {
  readonly versions: Readonly<Record<number, { readonly maxVersion: number }>> | null;
  readonly connectionPool: { send(request: object): Promise<FoundTopic[]> };
  isConnected(): boolean;
}

interface InnerCluster {
  readonly brokerPool: { findConnectedBroker(): Promise<InnerBroker> };
  connect(): Promise<void>;
  disconnect(): Promise<void>;
}

/** Asks for more of the brokers' metadata than the client's admin knows. */
export class MetadataWatch implements TopicWatch {
  readonly #kafka: Kafka;
  #cluster: Promise<InnerCluster> | undefined;

  constructor(kafka: Kafka) {
    this.#kafka = kafka;
  }

  async read(topics: readonly string[]): Promise<SeenTopics> {
    try {
      const cluster = await (this.#cluster ??= this.#connect());
      const broker = await cluster.brokerPool.findConnectedBroker();
      const seen = { facts: new Map<string, TopicFacts>(), missing: new Set<string>() };
      // A broker before 2.8 has no ids to tell; then positions alone show that a topic was made anew.
      if ((broker.versions?.[METADATA]?.maxVersion ?? 0) < METADATA_VERSION) return seen;
      for (const { topic, error, facts } of await broker.connectionPool.send(topicFactsRequest(topics)))
        if (facts) seen.facts.set(topic, facts);
        else if (error === UNKNOWN_TOPIC || error === LEADER_NOT_AVAILABLE) seen.missing.add(topic);
      return seen;
    } catch (error) {
      await this.close();
      throw kafkaError(error, this.#kafka.brokers);
    }
  }

  async idOf(topic: string): Promise<string | null> {
    return (await this.read([topic])).facts.get(topic)?.id ?? null;
  }

  async close(): Promise<void> {
    const cluster = this.#cluster;
    this.#cluster = undefined;
    await cluster?.then((connected) => connected.disconnect()).catch(() => undefined);
  }

  async #connect(): Promise<InnerCluster> {
    const cluster = innerCluster<InnerCluster>(this.#kafka);
    try {
      await cluster.connect();
      return cluster;
    } catch (error) {
      await cluster.disconnect().catch(() => undefined);
      throw error;
    }
  }
}
