import { lostRecord } from '@tributary/contract';
import type { AssignedPartitions, Positions, RecordSender, Standing, TopicAdmin } from '@tributary/transport';

/** Whom lost changes are told to. */
export interface LossReport {
  /** A topic has lost events. */
  lost(topic: string): void;
  /** Resolves when Kafka holds the wish that every table be loaded again. */
  demandLoads(reason: string): Promise<void>;
}

/** Which topic is validated, and where what is good of it goes. */
export interface ValidatedRoute {
  readonly from: string;
  readonly to: string;
}

/**
 * What becomes of changes that were lost before they were validated: every table is loaded again, and the sinks are told
 * where the hole is, so that no load across it removes rows that it did not find (R5).
 */
export class ChangeHoles {
  constructor(
    private readonly route: ValidatedRoute,
    private readonly admin: Pick<TopicAdmin, 'watermarks'>,
    private readonly publisher: RecordSender,
    private readonly health: LossReport,
  ) {}

  /** Resolves when Kafka has all of this; the positions behind the holes are confirmed after that. */
  async assigned(assignment: AssignedPartitions, { lost, places }: Standing): Promise<Positions> {
    const { from, to } = this.route;
    const fresh = (assignment.get(from) ?? []).filter(
      (partition) => !places.get(`${from}/${partition}`)!.confirmed,
    );
    const ends = fresh.length > 0 ? await this.admin.watermarks(to) : new Map<number, { high: bigint }>();
    // The group has confirmed nothing, and yet something was handed on: its offsets went with the topic, or expired.
    const forgotten = fresh.filter((partition) => (ends.get(partition)?.high ?? 0n) > 0n);
    const holes = new Map(lost.map(({ partition, why }) => [partition, why]));
    for (const partition of forgotten) holes.set(partition, 'made-anew');
    if (holes.size > 0) await this.#tell(holes);
    // Confirmed at once, so that the next process can tell a new group from one whose offsets are gone.
    return new Map([
      [from, new Map(fresh.map((partition) => [partition, places.get(`${from}/${partition}`)!.low]))],
    ]);
  }

  async #tell(holes: ReadonlyMap<number, 'made-anew' | 'gone'>): Promise<void> {
    const { from, to } = this.route;
    this.health.lost(from);
    const partitions = [...holes.keys()].sort((a, b) => a - b);
    const reason = `changes of partition(s) ${partitions.join(', ')} of ${from} may have been lost before they were validated`;
    const record = lostRecord(reason);
    await this.publisher.send(
      to,
      partitions.map((partition) => ({ ...record, partition })),
    );
    await this.health.demandLoads(reason);
  }
}
