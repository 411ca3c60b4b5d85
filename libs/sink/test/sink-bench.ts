import {
  controlRecord,
  envelopeWriter,
  eventKeyWriter,
  formatVersion,
  header,
  imagesCrc,
  type ControlKind,
  type Headers,
  type RowSchema,
  type WireRow,
} from '@tributary/change-event';
import {
  createKafka,
  Publisher,
  readTail,
  SchemaStore,
  TopicAdmin,
  type BatchContext,
  type Kafka,
  type PlacedRecord,
  type RecordBatch,
} from '@tributary/kafka';
import { parseSyncConfig, type SyncConfig } from '@tributary/sync-config';
import { stackEnv } from '@tributary/testing';
import { ServiceContext } from '@tributary/service';
import type { PositionStore, SweepNoteStore, TargetWriter } from '@tributary/targets';
import { SinkPipeline } from '../src';

export const version = (log: number) => formatVersion(1, BigInt(log));

const quiet = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

export interface Event {
  readonly id: number;
  readonly log: number;
  /** Absent: a delete. */
  readonly row?: WireRow;
  readonly damage?: boolean;
}

export interface RunningSink {
  readonly pipeline: SinkPipeline;
  /** Events of the one table and unreadable ones, by outcome. */
  counted(): Promise<Record<string, number>>;
  stop(): Promise<void>;
}

/** A pipeline of its own on the real broker: topics, schema and events, and sinks that read them. */
export class SinkBench {
  readonly config: SyncConfig;
  readonly kafka: Kafka;
  readonly admin: TopicAdmin;
  readonly #publisher: Publisher;
  readonly #schema: RowSchema;

  constructor(prefix: string, schema: RowSchema) {
    this.#schema = schema;
    this.config = parseSyncConfig(
      `topics: { prefix: ${prefix}, partitions: 2 }\ntables: [{ table: ${schema.table} }]`,
    );
    this.kafka = createKafka({ brokers: stackEnv().KAFKA_BROKERS.split(','), clientId: prefix }, quiet);
    this.admin = new TopicAdmin(this.kafka);
    this.#publisher = new Publisher(this.kafka, quiet);
  }

  async open(): Promise<void> {
    await this.admin.ensureTopics(this.config);
    await this.#publisher.start();
    const store = new SchemaStore(this.kafka, this.config.topics.schemas, quiet);
    await store.publish(this.#publisher, this.#schema);
  }

  async close(): Promise<void> {
    await this.#publisher.stop();
    await this.admin.deleteTopics(Object.values(this.config.topics));
  }

  async publish(events: readonly Event[], partition = 0): Promise<void> {
    const { table, fingerprint } = this.#schema;
    const write = envelopeWriter(this.config.prefix, table, 'test');
    const keyOf = eventKeyWriter(table);
    const records = events.flatMap(({ id, log, row, damage }) => {
      const key = keyOf(JSON.stringify({ id }));
      const after = row ? JSON.stringify(row) : 'null';
      const headers: Headers = {
        [header.version]: version(log),
        [header.schema]: fingerprint,
        [header.crc]: damage ? '00000001' : imagesCrc('null', after),
      };
      const times = {
        sourceTsMs: Date.now(),
        publishedTsMs: Date.now(),
        snapshot: false,
        version: version(log),
      };
      const value = write({ before: 'null', after, op: row ? 'u' : 'd', ...times });
      const record = { key, value, headers, partition };
      return row ? [record] : [record, { key, value: null, headers: { v: version(log) }, partition }];
    });
    await this.#publisher.send(this.config.topics.validated, records);
  }

  /** A load's record of its beginning or its end, in all partitions or in some; one below 0 is malformed. */
  async control(kind: ControlKind, log: number, partitions = [0, 1]): Promise<void> {
    const { table, fingerprint } = this.#schema;
    const record = controlRecord({
      ...{
        kind,
        table,
        schema: fingerprint,
        floor: log < 0 ? '-' : version(log),
        job: String(log),
        partitions: 2,
      },
    });
    const records = partitions.map((partition) => ({ ...record, partition }));
    await this.#publisher.send(this.config.topics.validated, records);
  }

  deadLetters(): Promise<PlacedRecord[]> {
    return readTail(this.kafka, this.config.topics.deadLetters, 1000);
  }

  /** Events that the group has not confirmed yet. */
  async lag(app: string): Promise<bigint> {
    const lag = await this.admin.groupLag(`${this.config.prefix}.${app}`, this.config.topics.validated);
    return [...lag.values()].reduce((sum, one) => sum + one, 0n);
  }

  async start(
    target: 'mongo' | 'redis',
    writer: TargetWriter,
    positions: PositionStore,
    notes: SweepNoteStore,
  ): Promise<RunningSink> {
    const context = new ServiceContext(`${target}-sink`, {
      ...{ kafka: { brokers: stackEnv().KAFKA_BROKERS.split(',') }, config: this.config, configPath: '' },
      ...{ mysqlUrl: '', mongodbUri: '', redisUrl: '', redisTls: {}, port: 0, host: '', logLevel: 'fatal' },
    });
    const closeless = {
      apply: writer.apply.bind(writer),
      ping: writer.ping.bind(writer),
      rowId: writer.rowId.bind(writer),
      sweep: writer.sweep.bind(writer),
      close: async () => undefined,
    };
    const pipeline = new SinkPipeline(context, {
      target,
      connect: async () => ({ writer: closeless, positions: () => positions, sweepNotes: () => notes }),
    });
    await pipeline.start();
    const handle = (batch: RecordBatch, context: BatchContext) => pipeline.handle(batch, context.signal);
    pipeline.server.addHandler('validated', handle, true);
    await new Promise<void>((resolve) => void pipeline.server.listen(() => resolve()));
    return {
      pipeline,
      async counted() {
        const { values } = await context.metrics.events.get();
        const counts: Record<string, number> = {};
        for (const { labels, value } of values)
          counts[labels.outcome!] = (counts[labels.outcome!] ?? 0) + value;
        return counts;
      },
      async stop() {
        await pipeline.server.close();
        await pipeline.onApplicationShutdown();
      },
    };
  }
}
