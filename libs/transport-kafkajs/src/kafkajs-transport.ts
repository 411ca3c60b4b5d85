import type { GroupOptions, KafkaSettings, Log, PublisherEvents, Transport } from '@tributary/transport';
import { AdminClient } from './admin-client';
import { GroupConsumer } from './group-consumer';
import { partitionOf } from './java-partitioner';
import { Kafka } from './kafka';
import { MetadataWatch } from './metadata-watch';
import { OrderedPublisher } from './ordered-publisher';
import { PartitionReader } from './partition-reader';

/** The ports to a Kafka cluster, around kafkajs. */
export class KafkajsTransport extends Kafka implements Transport {
  publisher(events?: PublisherEvents): OrderedPublisher {
    return new OrderedPublisher(this, events);
  }

  group(options: GroupOptions): GroupConsumer {
    return new GroupConsumer(this, options);
  }

  reader(topic: string, maxBytes?: number): PartitionReader {
    return new PartitionReader(this, topic, maxBytes);
  }

  admin(options?: { readonly keepOpen?: boolean }): AdminClient {
    return new AdminClient(this, options?.keepOpen);
  }

  watch(): MetadataWatch {
    return new MetadataWatch(this);
  }

  partitionOf(key: Buffer): number {
    return partitionOf(key, this.partitions);
  }
}

/** Connects nowhere by itself. Clients of kafkajs in this process are patched from here on (`applyKafkajsPatches`). */
export const createKafka = (settings: KafkaSettings, log: Log): KafkajsTransport =>
  new KafkajsTransport(settings, log);
