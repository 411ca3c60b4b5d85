import type { Admin } from 'kafkajs';
import type { AssignedPartitions, LostPlace, Place, Standing } from '@tributary/transport';
import type { Kafka } from './kafka';
import { kafkaError } from './kafka-error';
import { MetadataWatch } from './metadata-watch';

/**
 * Whether what a group has confirmed still means a place on its topics. The id of the topic stands in the metadata of
 * each confirmed offset, so that a topic which was deleted and made anew is not read on at the old one's position.
 */
export class PlaceCheck {
  readonly #kafka: Kafka;
  readonly #groupId: string;
  readonly #watch: MetadataWatch;
  #admin: Admin | undefined;

  constructor(kafka: Kafka, groupId: string) {
    this.#kafka = kafka;
    this.#groupId = groupId;
    this.#watch = new MetadataWatch(kafka);
  }

  /** Throws a SyncError, `retry` while Kafka is away or a topic is missing. */
  async examine(assignment: AssignedPartitions): Promise<Standing> {
    return this.#asking(async (admin) => {
      const ids = await this.#ids([...assignment.keys()]);
      const lost: LostPlace[] = [];
      const places = new Map<string, Place>();
      for (const [topic, partitions] of assignment) {
        // In this order: a topic grows meanwhile, and what was confirmed is never past its end.
        const [offsets] = await admin.fetchOffsets({ groupId: this.#groupId, topics: [topic] });
        const marks = await marksOf(admin, topic);
        const committed = new Map(offsets?.partitions.map((one) => [one.partition, one]));
        for (const partition of partitions) {
          const { low, high } = marks.get(partition) ?? { low: 0n, high: 0n };
          const { offset = '-1', metadata = null } = committed.get(partition) ?? {};
          const position = BigInt(offset);
          const confirmed = position >= 0n;
          const why = confirmed
            ? lossOf(position, low, high, { written: metadata, now: ids.get(topic) ?? null })
            : undefined;
          if (why) lost.push({ topic, partition, why, position, low });
          const next = why || !confirmed ? low : position;
          places.set(`${topic}/${partition}`, { next, low, high, confirmed });
        }
      }
      // Asked twice: offsets of one topic must not be compared with the id of the next.
      const after = await this.#ids([...assignment.keys()]);
      for (const [topic, id] of after) if (ids.get(topic) !== id) return this.examine(assignment);
      return { ids, lost, places };
    });
  }

  /** Whether the topics are others than those of `standing`, or no longer hold what is next. Errors as above. */
  async isOver({ ids }: Standing, next: ReadonlyMap<string, bigint>): Promise<boolean> {
    return this.#asking(async (admin) => {
      for (const [topic, id] of await this.#ids([...ids.keys()])) if (id !== ids.get(topic)) return true;
      for (const topic of ids.keys())
        for (const [partition, { low, high }] of await marksOf(admin, topic)) {
          const position = next.get(`${topic}/${partition}`);
          if (position !== undefined && (position < low || position > high)) return true;
        }
      return false;
    });
  }

  /** Whether a topic is still the one of `standing`: what was fetched since then came from it. Errors as above. */
  async isSame({ ids }: Standing, topic: string): Promise<boolean> {
    return (await this.#ids([topic])).get(topic) === ids.get(topic);
  }

  async close(): Promise<void> {
    const admin = this.#admin;
    this.#admin = undefined;
    await Promise.all([this.#watch.close(), admin?.disconnect().catch(() => undefined)]);
  }

  async #ids(topics: readonly string[]): Promise<Map<string, string | null>> {
    const { facts } = await this.#watch.read(topics);
    return new Map(topics.map((topic) => [topic, facts.get(topic)?.id ?? null]));
  }

  async #asking<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    try {
      if (!this.#admin) {
        const admin = this.#kafka.client.admin();
        await admin.connect();
        this.#admin = admin;
      }
      return await work(this.#admin);
    } catch (error) {
      await this.close();
      throw kafkaError(error, this.#kafka.brokers);
    }
  }
}

async function marksOf(admin: Admin, topic: string): Promise<Map<number, { low: bigint; high: bigint }>> {
  const marks = await admin.fetchTopicOffsets(topic);
  return new Map(
    marks.map(({ partition, low, high }) => [partition, { low: BigInt(low), high: BigInt(high) }]),
  );
}

function lossOf(
  position: bigint,
  low: bigint,
  high: bigint,
  { written, now }: { written: string | null; now: string | null },
): LostPlace['why'] | undefined {
  const another = written !== null && /^[0-9a-f]{32}$/.test(written) && now !== null && written !== now;
  if (another || position > high) return 'made-anew';
  return position < low ? 'gone' : undefined;
}
