import { firstChanges } from '@tributary/contract';
import {
  lagOf,
  type InRecord,
  type OldestChanges,
  type TopicAdmin,
  type TopicPlan,
  type Transport,
  type Watermarks,
} from '@tributary/transport';
import type { Stage } from './stages';

/** Of one look at the records that wait: a few of each partition are enough. */
const LOOK_BYTES = 64 * 1024;
const FETCH_MS = 250;
const FETCHES = 8;

/** A group that has not confirmed what was there one look earlier. */
export interface WaitingGroup {
  readonly stage: Stage;
  /** Of the first records that wait, in each partition. */
  readonly oldest: OldestChanges;
  /** When retention deletes the first record behind what the group has confirmed, UTC milliseconds; `null`: never. */
  readonly deletedAtMs: number | null;
}

/** How old what consumer groups have not confirmed is, seen from outside: also of groups that nobody runs. */
export class GroupAges {
  readonly #admin: TopicAdmin;
  /** By group, the ends of its topic at the last look. */
  readonly #ends = new Map<string, ReadonlyMap<number, Watermarks>>();

  constructor(
    private readonly transport: Pick<Transport, 'admin' | 'reader'>,
    private readonly stages: readonly Stage[],
    /** For a topic whose settings may not be asked for. */
    private readonly plans: readonly TopicPlan[],
  ) {
    this.#admin = transport.admin({ keepOpen: true });
  }

  /**
   * Records are read of groups only that have not come as far as their topic ended at the call before: of none while all
   * goes well. A group whose topic this account may not read is left out. Throws a SyncError, `retry` while Kafka is away.
   */
  async read(): Promise<WaitingGroup[]> {
    const looks = await Promise.allSettled(this.stages.map((stage) => this.#look(stage)));
    const found = looks.flatMap((look) => (look.status === 'fulfilled' ? [look.value] : []));
    if (found.length === 0 && looks[0]?.status === 'rejected') throw looks[0].reason;
    return found.filter((group) => group !== undefined);
  }

  close(): Promise<void> {
    return this.#admin.close();
  }

  async #look(stage: Stage): Promise<WaitingGroup | undefined> {
    const { group, topic } = stage;
    const [offsets, marks] = [
      await this.#admin.groupOffsets(group, topic),
      await this.#admin.watermarks(topic),
    ];
    const before = this.#ends.get(group);
    this.#ends.set(group, marks);
    const stalled = new Map<number, bigint>();
    for (const [partition, now] of marks) {
      const then = before?.get(partition);
      const waits = then !== undefined && lagOf({ low: now.low, high: then.high }, offsets.get(partition));
      if (waits) stalled.set(partition, now.high - lagOf(now, offsets.get(partition)));
    }
    return stalled.size > 0 ? this.#group(stage, stalled, offsets) : undefined;
  }

  async #group(
    stage: Stage,
    stalled: ReadonlyMap<number, bigint>,
    offsets: ReadonlyMap<number, bigint | undefined>,
  ): Promise<WaitingGroup> {
    const [records, retention] = [
      await this.#records(stage.topic, stalled),
      await this.#retentionMs(stage.topic),
    ];
    const oldest = new Map<string | undefined, number>();
    let deletedAtMs = Infinity;
    for (const [partition, found] of records) {
      for (const [table, ms] of firstChanges(found))
        oldest.set(table, Math.min(ms, oldest.get(table) ?? Infinity));
      // A group that has confirmed nothing yet has nothing to lose.
      if (offsets.get(partition) !== undefined)
        deletedAtMs = Math.min(deletedAtMs, Number(found[0]!.timestamp) + retention);
    }
    return { stage, oldest, deletedAtMs: Number.isFinite(deletedAtMs) ? deletedAtMs : null };
  }

  /** The first records from these offsets on; partitions that give none in time are left out. */
  async #records(topic: string, from: ReadonlyMap<number, bigint>): Promise<Map<number, InRecord[]>> {
    const reader = this.transport.reader(topic, LOOK_BYTES);
    const found = new Map<number, InRecord[]>();
    try {
      await reader.open();
      const positions = new Map(from);
      for (let tries = 0; positions.size > 0 && tries < FETCHES; tries += 1)
        for (const [partition, records] of await reader.fetch(positions, FETCH_MS))
          if (records.length > 0 && positions.delete(partition)) found.set(partition, records);
    } finally {
      await reader.close();
    }
    return found;
  }

  /** `Infinity`: for ever. */
  async #retentionMs(topic: string): Promise<number> {
    const settings = await this.#admin
      .settings([topic])
      .then((all) => all.get(topic))
      .catch(() => undefined);
    const planned = this.plans.find((plan) => plan.topic === topic)?.settings['retention.ms'];
    const ms = Number(settings?.get('retention.ms') ?? planned ?? -1);
    return ms < 0 ? Infinity : ms;
  }
}
