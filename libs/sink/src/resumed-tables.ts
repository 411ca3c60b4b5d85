import type { Backlog, PositionKeeper, SinkHandler, SinkRecord } from '@tributary/targets';
import type { Logger } from '@tributary/service';

export interface ResumedTablesParts {
  readonly topic: string;
  readonly log: Logger;
  readonly isPaused: (table: string) => boolean;
  readonly backlog: Pick<Backlog, 'tables' | 'of' | 'leftOut' | 'done' | 'forget'>;
  readonly keeper: Pick<PositionKeeper, 'stands' | 'goBack' | 'oldest'>;
  readonly handler: Pick<SinkHandler<SinkRecord>, 'feedAgain' | 'forgetLoad'>;
  /** Asks the relay for a load of a table; resolves when Kafka has it. */
  readonly demandLoad: (table: string, reason: string) => Promise<void>;
}

/** A partition from which a table lacks events. */
interface Gap {
  readonly table: string;
  readonly from: bigint;
}

/**
 * Brings tables up to date that were paused in this sink: its partitions are read again from the first event that was left
 * out, by the same way that feeds a target again which has lost its tail (R12); versions make the rest of what is read
 * again harmless. What Kafka has no more comes with a load.
 */
export class ResumedTables {
  readonly #parts: ResumedTablesParts;
  #partitions: readonly number[] = [];
  /** Gaps that are being read, by partition and table: up to where. */
  readonly #until = new Map<string, bigint>();
  /** Whether there may be a gap of a table that is not paused. */
  #pending = false;
  #paused: ReadonlySet<string> = new Set();

  constructor(parts: ResumedTablesParts) {
    this.#parts = parts;
  }

  /** These partitions are this process's now; whoever had them may have left gaps. */
  assigned(partitions: readonly number[]): void {
    this.#partitions = partitions;
    this.#until.clear();
    this.#parts.backlog.forget();
    this.#pending = true;
  }

  /** The target may have lost what it had noted. */
  lost(): void {
    this.#parts.backlog.forget();
  }

  /** See `SinkParts`. */
  async leftOut(table: string, partition: number, from: bigint): Promise<void> {
    await this.#parts.backlog.leftOut(table, partition, from);
    // Resumed meanwhile: the look that this calls for may have been before the note.
    if (!this.#parts.isPaused(table)) this.#pending = true;
  }

  /** To be called every second, with the tables that are paused now. Throws a SyncError `retry`; then it is to be called again. */
  async look(now: ReadonlySet<string>): Promise<void> {
    if ([...this.#paused].some((table) => !now.has(table))) this.#pending = true;
    this.#paused = now;
    if (!this.#pending) return;
    // Whatever calls for another look from here on must find it wanted.
    this.#pending = false;
    try {
      const gaps = await this.#gaps();
      const oldest = gaps.size > 0 ? await this.#parts.keeper.oldest() : new Map<number, bigint>();
      for (const [partition, of] of gaps) await this.#see(partition, of, oldest.get(partition) ?? 0n);
      if (gaps.size > 0) this.#pending = true;
    } catch (error) {
      this.#pending = true;
      throw error;
    }
  }

  async #gaps(): Promise<Map<number, Gap[]>> {
    const { backlog, isPaused } = this.#parts;
    const gaps = new Map<number, Gap[]>();
    for (const table of (await backlog.tables()).filter((one) => !isPaused(one)))
      for (const [partition, from] of await backlog.of(table))
        if (this.#partitions.includes(partition))
          gaps.set(partition, [...(gaps.get(partition) ?? []), { table, from }]);
    return gaps;
  }

  async #see(partition: number, gaps: readonly Gap[], oldest: bigint): Promise<void> {
    const { topic, keeper, handler, log } = this.#parts;
    const stands = keeper.stands(partition);
    if (stands === undefined) return;
    const anew: Gap[] = [];
    for (const gap of gaps) {
      const until = this.#until.get(keyOf(partition, gap));
      if (until !== undefined) await this.#advance(partition, gap, stands, until);
      else if (gap.from < oldest) await this.#load(partition, gap, oldest);
      // Else the round that left it out is not done yet: it will be, or come again.
      else if (gap.from < stands) anew.push(gap);
    }
    if (anew.length === 0) return;
    const from = anew.reduce((low, gap) => (gap.from < low ? gap.from : low), stands);
    const tables = anew.map(({ table }) => table);
    log.info(
      { event: 'table-fed-again', tables, partition, from: String(from), until: String(stands) },
      `${tables.join(', ')} is paused no longer: partition ${partition} is read again from ${from} on, where it was left out`,
    );
    await handler.feedAgain(topic, await keeper.goBack(partition, from));
    for (const gap of anew) this.#until.set(keyOf(partition, gap), stands);
  }

  /** `stands` is above what was read again so far. */
  async #advance(partition: number, gap: Gap, stands: bigint, until: bigint): Promise<void> {
    if (stands >= until) await this.#close(partition, gap);
    else if (stands > gap.from) await this.#parts.backlog.done(gap.table, partition, gap.from, stands);
  }

  async #close(partition: number, gap: Gap): Promise<void> {
    const { backlog, log } = this.#parts;
    await backlog.done(gap.table, partition, gap.from, null);
    this.#until.delete(keyOf(partition, gap));
    log.info(
      { event: 'table-caught-up', table: gap.table, partition },
      `${gap.table} lacks nothing of partition ${partition} any more`,
    );
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
    await backlog.done(table, partition, from, null);
  }
}

const keyOf = (partition: number, { table }: Gap) => `${partition} ${table}`;
