import type { Admin } from 'kafkajs';
import type { Kafka } from './kafka';
import { kafkaError } from './kafka-error';
import { lagOf } from './topic-admin';

/** A consumer group and the topic that it reads. */
export interface Stage {
  readonly group: string;
  readonly topic: string;
}

/** How far consumer groups are behind, asked again and again over one connection. */
export class GroupLag {
  #admin: Admin | undefined;
  #slowest = '';

  constructor(
    private readonly kafka: Kafka,
    private readonly stages: readonly Stage[],
  ) {}

  /** The group that `read` told of last. */
  get slowest(): string {
    return this.#slowest;
  }

  /**
   * Events that the slowest of the groups that have members has still to confirm: a group that nobody runs holds
   * nobody up. Throws a SyncError; the next call connects anew.
   */
  async read(): Promise<number> {
    try {
      const admin = await this.#connected();
      const { groups } = await admin.describeGroups(this.stages.map(({ group }) => group));
      const read = groups.filter(({ members }) => members.length > 0).map(({ groupId }) => groupId);
      const stages = this.stages.filter(({ group }) => read.includes(group));
      const lags = await Promise.all(stages.map((stage) => stageLag(admin, stage, this.kafka.partitions)));
      const most = Math.max(0, ...lags);
      this.#slowest = stages[lags.indexOf(most)]?.group ?? '';
      return most;
    } catch (error) {
      await this.close();
      throw kafkaError(error, this.kafka.brokers);
    }
  }

  async close(): Promise<void> {
    const admin = this.#admin;
    this.#admin = undefined;
    await admin?.disconnect().catch(() => undefined);
  }

  async #connected(): Promise<Admin> {
    if (this.#admin) return this.#admin;
    const admin = this.kafka.client.admin();
    await admin.connect();
    return (this.#admin = admin);
  }
}

async function stageLag(admin: Admin, { group, topic }: Stage, partitions: number): Promise<number> {
  const [[offsets], marks] = await Promise.all([
    admin.fetchOffsets({ groupId: group, topics: [topic] }),
    admin.fetchTopicOffsets(topic),
  ]);
  const confirmed = new Map(offsets?.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
  const ours = marks.filter(({ partition }) => partition < partitions);
  const lags = ours.map(({ partition, low, high }) =>
    lagOf({ low: BigInt(low), high: BigInt(high) }, confirmed.get(partition)),
  );
  return Number(lags.reduce((sum, lag) => sum + lag, 0n));
}
