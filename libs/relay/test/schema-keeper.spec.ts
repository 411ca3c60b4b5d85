import { rowSchema } from '@tributary/contract';
import { ensureTopics, SchemaStore } from '@tributary/topics';
import { createKafka } from '@tributary/transport-kafkajs';
import { parseSyncConfig } from '@tributary/sync-config';
import { stackEnv, uniqueName, waitFor } from '@tributary/testing';
import { kafkaView } from '../src/kafka-view';
import { SchemaKeeper } from '../src/schema-keeper';

jest.setTimeout(90_000);

const none = () => undefined;
const silent = { debug: none, info: none, warn: none, error: none };
const schemaOf = (table: string, length: number) => {
  const id = { name: 'id', field: 'id', kind: 'text', sourceKind: 'text', nullable: false } as const;
  return rowSchema({ table, key: ['id'], columns: [{ ...id, sqlType: `varchar(${length})`, length }] });
};

describe('SchemaKeeper', () => {
  const config = parseSyncConfig(
    `topics: { prefix: ${uniqueName('schemas')}, partitions: 1 }\ntables: [{ table: a.b }]`,
  );
  const { schemas: topic } = config.topics;
  const kafka = createKafka({ brokers: stackEnv().KAFKA_BROKERS.split(','), clientId: 'test' }, silent);
  const admin = kafka.admin();
  const publisher = kafka.publisher();
  const stop = new AbortController();

  beforeAll(async () => {
    await ensureTopics(kafka, config);
    await publisher.start();
  });
  afterAll(async () => {
    stop.abort();
    await publisher.stop();
    await admin.deleteTopics(Object.values(config.topics));
  });

  it('R11: publishes every schema again when its topic was made anew, older shapes too', async () => {
    const [published, registered, inUse] = [schemaOf('a.b', 1), schemaOf('a.b', 2), schemaOf('a.c', 1)];
    const store = new SchemaStore(kafka, topic, silent);
    await store.publish(publisher, published);
    await store.start();
    await store.stop();
    const keeper = new SchemaKeeper({
      context: { env: { config }, log: silent } as never,
      ...{ publisher, schemas: store, broker: kafkaView(kafka, config) },
      registered: async () => [registered],
      inUse: () => [inUse],
    });
    const running = keeper.run(stop.signal);
    const held = async () => {
      const reader = new SchemaStore(kafka, topic, silent);
      await reader.start();
      await reader.stop();
      return reader
        .all()
        .map(({ fingerprint }) => fingerprint)
        .sort();
    };
    const all = [published, registered, inUse].map(({ fingerprint }) => fingerprint).sort();
    // Those that it lacked when it was read, it gets at once.
    await waitFor(async () => (await held()).length === 3, { timeoutMs: 20_000 });
    await admin.deleteTopics([topic]);
    await waitFor(async () => !(await admin.topics()).has(topic), { timeoutMs: 20_000 });
    await ensureTopics(kafka, config);
    await waitFor(async () => (await held()).length === 3, { timeoutMs: 30_000 });
    expect(await held()).toEqual(all);
    stop.abort();
    await running;
  });
});
