import type { Standing } from '@tributary/transport';
import type { TopicHealth } from '@tributary/service';
import type { PositionStore, SinkHandler, SinkRecord, TopicIdStore } from '@tributary/targets';
import type { ResumedTables } from './resumed-tables';

export interface TopicChangeParts {
  readonly topic: string;
  readonly store: Pick<PositionStore, 'read' | 'put'> & TopicIdStore;
  readonly handler: Pick<SinkHandler<SinkRecord>, 'forgetLoads'>;
  readonly health: Pick<TopicHealth, 'lost' | 'demandLoads'>;
  readonly resumed: Pick<ResumedTables, 'topicLost'>;
  /** The oldest offsets of the topic's partitions. */
  readonly lows: () => Promise<ReadonlyMap<number, bigint>>;
}

/**
 * What becomes of the positions in a target when their topic is another one, or has lost what was next: a position of the
 * old topic means nothing on the new one, loads that were under way prove nothing, and every table is loaded again.
 */
export class TopicChange {
  constructor(private readonly parts: TopicChangeParts) {}

  /** Resolves when target and Kafka hold the consequences; answers what the group has confirmed on the topic of now. */
  async assigned(
    partitions: readonly number[],
    standing: Standing,
  ): Promise<Map<number, bigint | undefined>> {
    const { topic, store } = this.parts;
    const now = standing.ids.get(topic) ?? null;
    const noted = await store.topicId();
    const another = noted !== null && now !== null && noted !== now;
    const stale = another ? partitions : await this.#stale(partitions, standing);
    const lost = standing.lost.length > 0 || another || stale.length > 0;
    if (lost) await this.#lost(another ? null : stale);
    if (now !== null && now !== noted) await store.putTopicId(now);
    return new Map(
      partitions.map((partition) => {
        const { confirmed, next } = standing.places.get(`${topic}/${partition}`)!;
        return [partition, confirmed ? next : undefined];
      }),
    );
  }

  /** Partitions whose position is of another topic, told by the group's or by the end of the topic. */
  async #stale(partitions: readonly number[], { lost, places }: Standing): Promise<number[]> {
    const { topic, store } = this.parts;
    const anew = new Set(lost.filter(({ why }) => why === 'made-anew').map(({ partition }) => partition));
    const stands = await store.read(partitions);
    return partitions.filter(
      (partition) =>
        anew.has(partition) || (stands.get(partition) ?? 0n) > places.get(`${topic}/${partition}`)!.high,
    );
  }

  /** `null`: all partitions, also those of other members, which find the note about the topic changed. */
  async #lost(partitions: readonly number[] | null): Promise<void> {
    const { topic, store, handler, health, resumed, lows } = this.parts;
    const low = await lows();
    const all = partitions ?? [...low.keys()];
    // Before the positions: a crash in between finds them still wrong and comes here again.
    await health.demandLoads(`events of ${topic} were lost before they were applied`);
    await handler.forgetLoads(all);
    await resumed.topicLost(all);
    for (const partition of all) await store.put(partition, low.get(partition) ?? 0n);
    health.lost(topic);
  }
}
