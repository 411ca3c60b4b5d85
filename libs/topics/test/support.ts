import { parseSyncConfig, type SyncConfig } from '@tributary/sync-config';
import { openKafkaProxy, stackEnv, uniqueName, type TcpProxy } from '@tributary/testing';
import { createKafka, type KafkajsTransport } from '@tributary/transport-kafkajs';
import { ensureTopics } from '../src';

export const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** The topics of pipelines that a spec file makes on the broker, and deletes at its end. */
export class Pipelines {
  readonly #topics: string[] = [];
  readonly #proxies: TcpProxy[] = [];

  /** A client of its own: kafkajs shares offsets between the consumers of one. */
  kafka(brokers = stackEnv().KAFKA_BROKERS): KafkajsTransport {
    return createKafka({ brokers: brokers.split(','), clientId: 'topics-test' }, silent);
  }

  config(partitions = 2, prefix = uniqueName('topics')): SyncConfig {
    const config = parseSyncConfig(
      `topics: { prefix: ${prefix}, partitions: ${partitions} }\ntables: [{ table: a.b }]`,
    );
    this.#topics.push(...Object.values(config.topics));
    return config;
  }

  async pipeline(partitions = 2): Promise<SyncConfig> {
    const config = this.config(partitions);
    await ensureTopics(this.kafka(), config);
    return config;
  }

  /** A proxy in front of the broker. */
  async proxy(): Promise<TcpProxy> {
    const proxy = await openKafkaProxy(stackEnv().KAFKA_BROKERS);
    this.#proxies.push(proxy);
    return proxy;
  }

  async clear(): Promise<void> {
    await Promise.all(this.#proxies.map((proxy) => proxy.close()));
    const admin = this.kafka().admin();
    const existing = await admin.topics();
    const topics = [...new Set(this.#topics)].filter((topic) => existing.has(topic));
    if (topics.length > 0) await admin.deleteTopics(topics);
  }
}
