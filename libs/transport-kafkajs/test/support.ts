import { Controller, Module, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { parseSyncConfig, type SyncConfig } from '@tributary/sync-config';
import { openKafkaProxy, stackEnv, uniqueName, type Interceptor, type TcpProxy } from '@tributary/testing';
import { createKafka, type KafkajsTransport } from '../src';
import {
  BatchServer,
  RoundHandler,
  type BatchServerOptions,
  type KafkaSettings,
  type Log,
  type Outcome,
  type RecordBatch,
  type Round,
  type RoundContext,
} from '@tributary/transport';

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly [field: string]: unknown;
}

/** Keeps what was logged, so that a test can look at it. */
export function memoryLog(): Log & { lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at = (level: LogLine['level']) => (fields: object, message: string) => {
    lines.push({ ...fields, level, message });
  };
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** Of one batch; the others of its round are handled at the same time. */
type Handler = (batch: RecordBatch, context: RoundContext) => Promise<void>;
type HandleRound = (round: Round, context: RoundContext) => Promise<Outcome[] | void>;

const eachOf =
  (handle: Handler): HandleRound =>
  (round, context) =>
    Promise.allSettled(round.map((batch) => handle(batch, context)));

type ServerOptions = Partial<BatchServerOptions> & { topic: string } & (
    { handle: Handler } | { handleRound: HandleRound }
  );

/** What a spec file makes on the broker, and undoes at its end. The client under test is named here alone. */
export class Bench {
  readonly log = memoryLog();
  readonly #topics: string[] = [];
  readonly #apps: INestMicroservice[] = [];
  readonly #proxies: TcpProxy[] = [];

  /** A client of its own: kafkajs shares offsets between the consumers of one. */
  kafka(
    brokers = stackEnv().KAFKA_BROKERS,
    log: Log = this.log,
    more: Partial<KafkaSettings> = {},
  ): KafkajsTransport {
    return createKafka({ brokers: brokers.split(','), clientId: 'kafka-lib-test', ...more }, log);
  }

  config(partitions = 2, prefix = uniqueName('kafkalib')): SyncConfig {
    const config = parseSyncConfig(
      `topics: { prefix: ${prefix}, partitions: ${partitions} }\ntables: [{ table: a.b }]`,
    );
    this.#topics.push(...Object.values(config.topics));
    return config;
  }

  /** Makes the topics of a pipeline and answers its sync file. */
  async pipeline(partitions = 2): Promise<SyncConfig> {
    const config = this.config(partitions);
    await this.make(config);
    return config;
  }

  /** Makes those of its topics that are missing. */
  async make({ topics, partitions }: SyncConfig): Promise<void> {
    const admin = this.kafka().admin();
    const existing = await admin.topics();
    const settings = { 'message.timestamp.type': 'LogAppendTime', 'max.message.bytes': `${48 * 2 ** 20}` };
    const data: readonly string[] = [topics.changes, topics.validated, topics.deadLetters];
    const plans = Object.values(topics).map((topic) => ({
      ...{ topic, settings, partitions: data.includes(topic) ? partitions : 1 },
    }));
    await admin.createTopics(plans.filter(({ topic }) => !existing.has(topic)));
    await admin.untilServed(Object.values(topics));
  }

  /** A Nest microservice with one round handler, listening. */
  async serve({
    topic,
    ...options
  }: ServerOptions): Promise<{ app: INestMicroservice; server: BatchServer; groupId: string }> {
    const transport = options.transport ?? this.kafka();
    const handleRound = 'handle' in options ? eachOf(options.handle) : options.handleRound;
    const groupId = options.groupId ?? uniqueName('kafkalib_group');
    const server = new BatchServer({
      retryDelay: { firstMs: 50, maxMs: 200 },
      onFatal: () => undefined,
      ...options,
      ...{ transport, groupId, topics: { validated: topic } },
    });

    @Controller()
    class Handlers {
      @RoundHandler('validated')
      onRound(round: Round, context: RoundContext): Promise<Outcome[] | void> {
        return handleRound(round, context);
      }
    }

    @Module({ controllers: [Handlers] })
    class App {}

    const app = await NestFactory.createMicroservice(App, { strategy: server, logger: false });
    this.#apps.push(app);
    await app.listen();
    return { app, server, groupId };
  }

  /** A proxy in front of the broker. */
  async proxy(also?: Interceptor): Promise<TcpProxy> {
    const proxy = await openKafkaProxy(stackEnv().KAFKA_BROKERS, also);
    this.#proxies.push(proxy);
    return proxy;
  }

  async clear(): Promise<void> {
    await Promise.all(this.#apps.map((app) => app.close()));
    await Promise.all(this.#proxies.map((proxy) => proxy.close()));
    const admin = this.kafka().client.admin();
    await admin.connect();
    const existing = new Set(await admin.listTopics());
    const topics = [...new Set(this.#topics)].filter((topic) => existing.has(topic));
    if (topics.length > 0) await admin.deleteTopics({ topics });
    await admin.disconnect();
  }
}

/** Offsets or texts of what a handler saw. */
export const texts = (batch: RecordBatch) => batch.records.map(({ value }) => String(value));

export const numbered = (count: number, key: (at: number) => string, from = 0) =>
  Array.from({ length: count }, (_, at) => ({ key: key(at + from), value: String(at + from) }));
