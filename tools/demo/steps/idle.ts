import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import type { Pipeline } from './pipeline';

export interface Backlog {
  /** Changes in the log of the source that Kafka has not confirmed. */
  readonly log: number;
  /** Events that a consumer group has still to confirm, by `group topic`. */
  readonly lag: Readonly<Record<string, number>>;
}

export interface IdleOptions {
  /** Gives up when the backlog did not shrink for so long; default 60 s. */
  readonly stallMs?: number;
  readonly onProgress?: (backlog: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Waits until all that was committed before the call has passed every stage. The stages are looked at in the order
 * in which an event passes them, so one look that finds all of them empty is proof: nothing can be between two.
 */
export async function waitUntilIdle(pipeline: Pipeline, options: IdleOptions = {}): Promise<void> {
  const { stallMs = 60_000, onProgress, signal } = options;
  const meter = await BacklogMeter.open(pipeline);
  try {
    let least = Infinity;
    let shrunkAt = performance.now();
    for (;;) {
      signal?.throwIfAborted();
      const backlog = await meter.read();
      const waiting = backlog.log + Object.values(backlog.lag).reduce((sum, lag) => sum + lag, 0);
      onProgress?.(waiting);
      if (waiting === 0 && Object.keys(backlog.lag).length >= meter.readers) return;
      if (waiting < least) [least, shrunkAt] = [waiting, performance.now()];
      if (performance.now() - shrunkAt > stallMs)
        throw new Error(
          `The pipeline makes no headway for ${stallMs / 1000} s: ${backlog.log} changes in the log, lag ${JSON.stringify(backlog.lag)}.`,
        );
      await sleep(100, undefined, { signal });
    }
  } finally {
    await meter.close();
  }
}

/** Looks at the change log and at the consumer groups of one pipeline. */
class BacklogMeter {
  private constructor(
    private readonly pipeline: Pipeline,
    private readonly admin: Admin,
    private readonly connection: Awaited<ReturnType<typeof createConnection>>,
  ) {}

  static async open(pipeline: Pipeline): Promise<BacklogMeter> {
    const { KAFKA_BROKERS, MYSQL_URL } = pipeline.servers;
    const kafka = new Kafka({ brokers: KAFKA_BROKERS.split(','), logLevel: logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    return new BacklogMeter(pipeline, admin, await createConnection(MYSQL_URL));
  }

  /** Groups that must have read something: the validator's and one for each target. */
  get readers(): number {
    const settings = this.pipeline.config.tablePatterns.map((table) => this.pipeline.config.table(table));
    const isUsed = (target: 'mongo' | 'redis') => settings.some((table) => table?.[target].enabled ?? true);
    return 1 + Number(isUsed('mongo')) + Number(isUsed('redis'));
  }

  async read(): Promise<Backlog> {
    const { topics } = this.pipeline.config;
    const log = await this.#logRows();
    return { log, lag: { ...(await this.#lag(topics.changes)), ...(await this.#lag(topics.validated)) } };
  }

  async close(): Promise<void> {
    await Promise.all([this.admin.disconnect(), this.connection.end()]);
  }

  async #logRows(): Promise<number> {
    // Shape 0 marks snapshot floors, which are no changes.
    const [[row]] = await this.connection.query<RowDataPacket[]>(
      'SELECT COUNT(*) AS waiting FROM ??.change_log WHERE shape_id <> 0',
      [this.pipeline.config.captureSchema],
    );
    return Number(row?.['waiting']);
  }

  async #lag(topic: string): Promise<Record<string, number>> {
    const marks = await this.admin.fetchTopicOffsets(topic);
    const lag: Record<string, number> = {};
    const { groups } = await this.admin.listGroups();
    for (const { groupId } of groups.filter((group) =>
      group.groupId.startsWith(this.pipeline.config.prefix),
    )) {
      const [committed] = await this.admin.fetchOffsets({ groupId, topics: [topic] });
      const offsets = new Map(
        committed?.partitions.map(({ partition, offset }) => [partition, Number(offset)]),
      );
      if (![...offsets.values()].some((offset) => offset >= 0)) continue;
      lag[`${groupId} ${topic}`] = marks.reduce(
        (sum, { partition, high, low }) =>
          sum + Number(high) - Math.max(Number(low), offsets.get(partition) ?? 0),
        0,
      );
    }
    return lag;
  }
}
