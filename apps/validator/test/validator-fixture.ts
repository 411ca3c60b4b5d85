import 'reflect-metadata';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INestApplication } from '@nestjs/common';
import { ensureTopics, SchemaStore } from '@tributary/topics';
import { readAll, type OutRecord, type PlacedRecord } from '@tributary/transport';
import { createKafka, type KafkajsTransport } from '@tributary/transport-kafkajs';
import { createHttpApp, readEnv, ServiceContext } from '@tributary/service';
import { parseSyncConfig, type SyncConfig } from '@tributary/sync-config';
import { sample, stackEnv, TcpProxy, uniqueName, waitFor } from '@tributary/testing';
import { ValidatorModule } from '../src/validator.module';
import { ValidatorPipeline } from '../src/validator.pipeline';

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

export interface RunningValidator {
  readonly app: INestApplication;
  readonly context: ServiceContext;
  stop(): Promise<void>;
}

/** A pipeline's topics on the stack's Kafka, and validators that serve them in this process. */
export class ValidatorFixture {
  readonly config: SyncConfig;
  readonly kafka: KafkajsTransport;
  readonly publisher: ReturnType<KafkajsTransport['publisher']>;
  readonly #folder = mkdtempSync(join(tmpdir(), 'validator-'));
  readonly #proxies: TcpProxy[] = [];
  readonly #running = new Set<RunningValidator>();

  constructor(tables: string) {
    const text = `topics: { prefix: ${uniqueName('validator')}, partitions: 2 }\n${tables}`;
    writeFileSync(this.#syncFile, text);
    this.config = parseSyncConfig(text);
    this.kafka = createKafka(
      { brokers: stackEnv().KAFKA_BROKERS.split(','), clientId: 'validator-test' },
      silent,
    );
    this.publisher = this.kafka.publisher();
  }

  get #syncFile(): string {
    return join(this.#folder, 'sync.yaml');
  }

  /** Makes the topics and publishes the sample schema, as a relay would. */
  async open(): Promise<void> {
    await ensureTopics(this.kafka, this.config);
    await this.publisher.start();
    await new SchemaStore(this.kafka, this.config.topics.schemas, silent).publish(
      this.publisher,
      sample.schema,
    );
  }

  /** A proxy before the broker that clients cannot get around: its own port stands in the metadata. */
  async proxy(): Promise<TcpProxy> {
    const broker = stackEnv().KAFKA_BROKERS;
    const proxy = await TcpProxy.open(broker);
    this.#proxies.push(proxy);
    const [real, own] = [advertised(broker), advertised(proxy.address)];
    proxy.intercept((data, direction) => {
      if (direction === 'down')
        for (let at = data.indexOf(real); at >= 0; at = data.indexOf(real, at + own.length))
          own.copy(data, at);
      return data;
    });
    return proxy;
  }

  async start(brokers = stackEnv().KAFKA_BROKERS): Promise<RunningValidator> {
    const variables = { KAFKA_BROKERS: brokers, SYNC_CONFIG: this.#syncFile, LOG_LEVEL: 'fatal' };
    const context = new ServiceContext('validator', readEnv({ kafka: true }, 0, variables));
    const app = await createHttpApp(context, ValidatorModule);
    await app.init();
    await app.get(ValidatorPipeline).start();
    const { servers } = app.get(ValidatorPipeline);
    for (const strategy of servers) app.connectMicroservice({ strategy }, { inheritAppConfig: true });
    await app.startAllMicroservices();
    const running: RunningValidator = {
      app,
      context,
      stop: async () => {
        this.#running.delete(running);
        // As runService does: the consumer drains first.
        await Promise.all(servers.map((server) => server.close()));
        await app.close();
      },
    };
    this.#running.add(running);
    return running;
  }

  async produce(
    records: readonly Omit<OutRecord, 'partition'>[],
    partition = 0,
    topic: string = this.config.topics.changes,
  ): Promise<void> {
    await this.publisher.send(
      topic,
      records.map((record) => ({ ...record, partition })),
    );
  }

  /** All records of a topic in partition and offset order, once there are `count`. */
  async read(topic: string, count: number): Promise<PlacedRecord[]> {
    const records: PlacedRecord[] = [];
    await waitFor(
      async () => {
        records.length = 0;
        await readAll(this.kafka, topic, (partition, found) => {
          for (const { key, value, headers, offset, timestamp } of found)
            records.push({ key, value, headers, offset, timestamp, partition });
        });
        return records.length >= count;
      },
      { timeoutMs: 60_000, everyMs: 200 },
    );
    return records.sort((a, b) => a.partition - b.partition || Number(a.offset) - Number(b.offset));
  }

  async close(): Promise<void> {
    for (const running of this.#running) await running.stop();
    for (const proxy of this.#proxies) await proxy.close();
    await this.publisher.stop();
    const admin = this.kafka.client.admin();
    await admin.connect();
    await admin
      .deleteGroups([`${this.config.prefix}.validator`, `${this.config.prefix}.validator-loads`])
      .catch(() => undefined);
    const existing = new Set(await admin.listTopics());
    await admin.deleteTopics({
      topics: Object.values(this.config.topics).filter((topic) => existing.has(topic)),
    });
    await admin.disconnect();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** `host:port` as Kafka's metadata answer holds it: length-prefixed host, 32-bit port. */
function advertised(address: string): Buffer {
  const [host, port] = address.split(':') as [string, string];
  const bytes = Buffer.alloc(2 + host.length + 4);
  bytes.writeInt16BE(host.length);
  bytes.write(host, 2);
  bytes.writeInt32BE(Number(port), 2 + host.length);
  return bytes;
}
