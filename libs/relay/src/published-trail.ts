import {
  findEntries,
  findParked,
  readShapes,
  type LogReader,
  type StoredLog,
  type TopicEnds,
} from '@tributary/capture';
import { header, headerText, parseVersion, versionParts, type Version } from '@tributary/contract';
import type { InRecord, Log } from '@tributary/transport';
import type { TopicNames } from '@tributary/contract';
import { believableVersion } from './believable-epoch';
import { EntryMatch } from './entry-match';
import type { BrokerView } from './ports';
import { trailRecord, type TrailRecord } from './trail-record';

/** Records of each partition's end that are looked at where the source did not keep how far it had come. */
const TAIL_RECORDS = 50n;
/** Records before the stored ends among which a second copy of a record is looked for. */
const BACK_RECORDS = 10_000n;
/** Of one answer: of each record only numbers are kept (R13). */
const ANSWER_BYTES = 2 << 20;
/** Each may hold half a megabyte. */
const ENTRIES_AT_ONCE = 50;
const MOST_DOUBTS = 10_000;

export interface TrailDeps {
  readonly broker: Pick<BrokerView, 'spans'>;
  readonly topics: TopicNames;
  readonly reader: Pick<LogReader, 'whileLeading'>;
  readonly log: Log;
}

export interface TrailFindings {
  /** The topic's ends as of this look. */
  readonly ends: TopicEnds;
  /** The highest version found, of those that a relay can have given. */
  readonly highest: Version | null;
  /** A sentence when topic and log are not of the same past. */
  readonly mismatch: string | null;
}

/**
 * Compares what stands on the topic of changes behind the place up to which the source has acknowledged it with the
 * source's log: what was published and not acknowledged must still be in the log, or set aside, unchanged. If it is not, the source
 * has lost its last transactions (a failover, a restored copy), whoever wrote first since (R4).
 */
export async function followTrail(
  deps: TrailDeps,
  stored: StoredLog,
  announcedEpoch: number,
): Promise<TrailFindings> {
  return new Trail(deps, stored, announcedEpoch).follow();
}

class Trail {
  readonly #ends = new Map<number, bigint>();
  readonly #starts = new Map<number, bigint>();
  #highest: Version | null = null;
  #mismatch: string | null = null;
  /** Changes that were acknowledged, or lost: whether by place and key there is an earlier copy will tell. */
  readonly #doubts = new Map<string, TrailRecord>();
  #odd = 0;

  constructor(
    private readonly deps: TrailDeps,
    private readonly stored: StoredLog,
    private readonly announcedEpoch: number,
  ) {}

  async follow(): Promise<TrailFindings> {
    const { broker, topics, reader, log } = this.deps;
    const shapes = await reader.whileLeading((connection, schema) => readShapes(connection, schema));
    const schemas = new Map(shapes.map(({ id, schema }) => [id, schema]));
    const match = new EntryMatch((id) => schemas.get(id), this.stored.rereading);
    for await (const { partition, records } of broker.spans(topics.changes, this.#startOf, ANSWER_BYTES))
      await this.#look(partition, records, match);
    if (this.#mismatch === null && this.#doubts.size > 0) await this.#settleDoubts();
    if (this.#odd > 0)
      log.warn(
        { event: 'odd-versions', records: this.#odd },
        `${this.#odd} records at the end of ${topics.changes} have no version that a relay gives (header v): they are not believed`,
      );
    return { ends: this.#ends, highest: this.#highest, mismatch: this.#mismatch };
  }

  readonly #startOf = (low: bigint, high: bigint, partition: number): bigint => {
    const { published } = this.stored;
    const { changes } = this.deps.topics;
    this.#ends.set(partition, high);
    if (published === null) return high - low > TAIL_RECORDS ? high - TAIL_RECORDS : low;
    const end = published.get(partition) ?? low;
    this.#starts.set(partition, end);
    if (end > high)
      this.#mismatch ??= `${changes} ends at ${high} in partition ${partition}, but Kafka had acknowledged records up to ${end}: it lost them, or the topic was made anew.`;
    else if (end < low)
      this.#mismatch ??= `${changes} begins at ${low} in partition ${partition}: what was published behind ${end} is past its retention and cannot be compared with the log any more.`;
    return end > high ? high : end;
  };

  async #look(partition: number, records: readonly InRecord[], match: EntryMatch): Promise<void> {
    let waiting: TrailRecord[] = [];
    for (const record of records) {
      const found = trailRecord(partition, record);
      if (!found || !this.#believable(found.epoch)) this.#odd += 1;
      else if (this.#notesOnly(found)) continue;
      else if (waiting.push(found) === ENTRIES_AT_ONCE) {
        await this.#compare(waiting, match);
        waiting = [];
      }
    }
    await this.#compare(waiting, match);
  }

  /** A version that no relay can have given must neither be followed nor use up the epochs. */
  #believable(epoch: number): boolean {
    return believableVersion(epoch, Math.max(this.stored.epoch, this.announcedEpoch));
  }

  /** Whether nothing but the version of a record counts. */
  #notesOnly({ version, epoch }: TrailRecord): boolean {
    const { published } = this.stored;
    if (published !== null && epoch <= this.stored.epoch) return epoch < this.stored.epoch;
    if (this.#highest === null || version > this.#highest) this.#highest = version;
    return true;
  }

  async #compare(records: readonly TrailRecord[], match: EntryMatch): Promise<void> {
    if (records.length === 0 || this.#mismatch !== null) return;
    const asked = records.filter(({ kind }) => kind !== 'chunk').map(({ id }) => id);
    const { epoch } = this.stored;
    const entries = await this.deps.reader.whileLeading(async (connection, schema) => {
      const inLog = await findEntries(connection, schema, asked);
      const others = asked.filter((id) => !inLog.has(id));
      return new Map([...inLog, ...(await findParked(connection, schema, epoch, others))]);
    });
    for (const record of records) this.#judge(record, entries, match);
  }

  #judge(record: TrailRecord, entries: Awaited<ReturnType<typeof findEntries>>, match: EntryMatch): void {
    const { kind, id, version } = record;
    const entry = entries.get(id);
    if (kind === 'change' && entry) {
      if (!match.fits(record, entry)) this.#lost(version, 'in the log another change has this number now');
    } else if (id > this.stored.highId && !entry) {
      this.#lost(version, `the log, which knows of ${this.stored.highId}, has no such entry`);
    } else if (kind === 'change') {
      if (this.#doubts.size < MOST_DOUBTS) this.#doubts.set(placeOf(record), record);
      else this.#lost(version, 'the log has no such entry');
    }
  }

  #lost(version: string, why: string): void {
    this.#mismatch ??= `The source lost its last transactions (a failover, or a restored copy): ${version} was published, but ${why}.`;
  }

  /**
   * What was acknowledged can come once more: a request that was given up and arrived after all, or a dead letter that
   * was replayed. Then there is another copy, before the stored ends or among the dead letters.
   */
  async #settleDoubts(): Promise<void> {
    const { broker, topics } = this.deps;
    const partitions = new Set([...this.#doubts.values()].map(({ partition }) => partition));
    const before = (low: bigint, high: bigint, partition: number) => {
      const end = this.#starts.get(partition) ?? low;
      if (!partitions.has(partition) || end > high) return high;
      return end - BACK_RECORDS > low ? end - BACK_RECORDS : low;
    };
    for await (const { partition, records } of broker.spans(topics.changes, before, ANSWER_BYTES))
      for (const record of records)
        if (BigInt(record.offset) < this.#starts.get(partition)!) this.#explain(partition, record);
    if (this.#doubts.size > 0) {
      const all = (low: bigint) => low;
      for await (const { partition, records } of broker.spans(topics.deadLetters, all, ANSWER_BYTES))
        for (const record of records) this.#explain(partition, record);
    }
    const [left] = this.#doubts.values();
    if (left) this.#lost(left.version, 'the log has no such entry');
  }

  #explain(partition: number, record: InRecord): void {
    const version = parseVersion(headerText(record.headers, header.version));
    if (version === undefined || versionParts(version).epoch !== this.stored.epoch) return;
    const found = trailRecord(partition, record);
    if (found) this.#doubts.delete(placeOf(found));
  }
}

const placeOf = ({ version, key }: TrailRecord) => `${version} ${key}`;
