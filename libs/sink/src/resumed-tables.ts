import type {
  Backlog,
  LeavesOut,
  LeftOut,
  PositionKeeper,
  SinkHandler,
  SinkRecord,
} from '@tributary/targets';
import type { Logger } from '@tributary/service';

export interface ResumedTablesParts {
  readonly topic: string;
  readonly log: Logger;
  /** The tables that are paused; another set when they are others. */
  readonly paused: () => ReadonlySet<string>;
  readonly backlog: Pick<Backlog, 'tables' | 'of' | 'leftOut' | 'done' | 'drop' | 'forget'>;
  readonly keeper: Pick<PositionKeeper, 'stands' | 'oldest'>;
  readonly handler: Pick<SinkHandler<SinkRecord>, 'readAgain' | 'forgetLoad'>;
  /** Asks the relay for a load of a table; resolves when Kafka has it. */
  readonly demandLoad: (table: string, reason: string) => Promise<void>;
}

/** A partition from which a table lacks events. */
interface Gap extends LeftOut {
  readonly table: string;
}

/**
 * Brings tables up to date that were paused in this sink: its partitions are read again from the first event that was left
 * out, by the same way that feeds a target again which has lost its tail (R12); versions make the rest of what is read
 * again harmless. What Kafka has no more comes with a load.
 */
export class ResumedTables {
  readonly #parts: ResumedTablesParts;
  #partitions: readonly number[] = [];
  /** Gaps that reading has not gone back to, by partition and table; another set after each change. */
  #open: ReadonlySet<string> = new Set();
  /** Whether there may be a gap of a table that is not paused. */
  #pending = false;
  #paused: ReadonlySet<string> = new Set();

  constructor(parts: ResumedTablesParts) {
    this.#parts = parts;
  }

  /**
   * These partitions are this process's now, and not read yet; whoever had them may have left gaps. Throws a SyncError
   * `retry`.
   */
  async assigned(partitions: readonly number[]): Promise<void> {
    const { backlog } = this.#parts;
    this.#partitions = partitions;
    backlog.forget();
    const open = new Set<string>();
    for (const table of await backlog.tables())
      for (const partition of (await backlog.of(table)).keys()) open.add(keyOf(partition, table));
    this.#open = open;
    this.#pending = true;
  }

  /** The target may have lost what it had noted. */
  lost(): void {
    this.#parts.backlog.forget();
  }

  /** The partitions stand on another topic than before: there is nothing to go back to. Throws a SyncError `retry`. */
  async topicLost(partitions: readonly number[]): Promise<void> {
    await this.#parts.backlog.drop(partitions);
  }

  /**
   * What a round that begins now leaves out: of a table that is resumed, what comes before reading has gone back as well,
   * since it stands behind what was left out, which a load's end must not overtake (R5).
   */
  leavesOut(): LeavesOut | undefined {
    const paused = this.#parts.paused();
    const open = this.#open;
    if (paused.size + open.size === 0) return undefined;
    return (table, partition) => paused.has(table) || open.has(keyOf(partition, table));
  }

  /** See `SinkParts`. */
  async leftOut(table: string, partition: number, from: bigint): Promise<void> {
    const key = keyOf(partition, table);
    if (!this.#open.has(key)) this.#open = new Set([...this.#open, key]);
    await this.#parts.backlog.leftOut(table, partition, from);
    // Resumed meanwhile: the look that this calls for may have been before the note.
    if (!this.#parts.paused().has(table)) this.#pending = true;
  }

  /** To be called every second. Throws a SyncError `retry`; then it is to be called again. */
  async look(): Promise<void> {
    const now = this.#parts.paused();
    if ([...this.#paused].some((table) => !now.has(table))) this.#pending = true;
    this.#paused = now;
    if (!this.#pending) return;
    // Whatever calls for another look from here on must find it wanted.
    this.#pending = false;
    try {
      const gaps = await this.#gaps(now);
      const oldest = gaps.size > 0 ? await this.#parts.keeper.oldest() : new Map<number, bigint>();
      for (const [partition, of] of gaps) await this.#see(partition, of, oldest.get(partition) ?? 0n);
      if (gaps.size > 0) this.#pending = true;
    } catch (error) {
      this.#pending = true;
      throw error;
    }
  }

  async #gaps(paused: ReadonlySet<string>): Promise<Map<number, Gap[]>> {
    const { backlog } = this.#parts;
    const gaps = new Map<number, Gap[]>();
    for (const table of (await backlog.tables()).filter((one) => !paused.has(one)))
      for (const [partition, leftOut] of await backlog.of(table))
        if (this.#partitions.includes(partition))
          gaps.set(partition, [...(gaps.get(partition) ?? []), { table, ...leftOut }]);
    return gaps;
  }

  async #see(partition: number, gaps: readonly Gap[], oldest: bigint): Promise<void> {
    const { topic, keeper, handler, backlog, log } = this.#parts;
    const stands = keeper.stands(partition);
    if (stands === undefined) return;
    for (const gap of gaps) if (gap.from < oldest) await this.#load(partition, gap, oldest);
    // Of a later one the round that left it out is not done yet: it will be, or come again.
    const behind = gaps.filter(({ from }) => from >= oldest && from < stands);
    if (behind.length === 0) return;
    const from = behind.reduce((low, gap) => (gap.from < low ? gap.from : low), stands);
    const tables = behind.map(({ table }) => table);
    log.info(
      { event: 'table-read-again', tables, partition, from: String(from), until: String(stands) },
      `${tables.join(', ')} is paused no longer: partition ${partition} is read again from ${from} on, where it was left out`,
    );
    const back = await handler.readAgain(topic, partition, from, () => this.#close(partition, tables));
    // The position in the target says it from here on.
    if (back) for (const gap of behind) await backlog.done(gap.table, partition, gap);
  }

  #close(partition: number, tables: readonly string[]): void {
    const closed = new Set(tables.map((table) => keyOf(partition, table)));
    this.#open = new Set([...this.#open].filter((key) => !closed.has(key)));
  }

  async #load(partition: number, gap: Gap, oldest: bigint): Promise<void> {
    const { backlog, handler, demandLoad, log } = this.#parts;
    const { table, from } = gap;
    log.warn(
      { event: 'table-past-retention', table, partition, from: String(from), oldest: String(oldest) },
      `${table} was paused for longer than Kafka keeps its events: it is loaded`,
    );
    await demandLoad(table, `${table} was paused for longer than Kafka keeps its events`);
    await handler.forgetLoad(table, partition);
    await backlog.done(table, partition, gap);
    this.#close(partition, [table]);
  }
}

const keyOf = (partition: number, table: string) => `${partition} ${table}`;
