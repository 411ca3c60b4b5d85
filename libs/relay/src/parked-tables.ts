import {
  closeParked,
  listParked,
  parkEntries,
  readParked,
  releaseParked,
  type LogEntry,
  type LogReader,
  type ParkedBatch,
} from '@tributary/capture';
import type { RelayContext } from './ports';

/** As of one batch of the log. */
const BATCH_ROWS = 2_000;
const BATCH_BYTES = 8 << 20;

export interface ParkedDeps {
  readonly context: Pick<RelayContext, 'app' | 'log' | 'metrics'>;
  readonly reader: Pick<LogReader, 'whileLeading'>;
  /** Of the ids that the log hands out now. */
  readonly epoch: number;
  readonly isPaused: (table: string) => boolean;
}

/**
 * The tables whose entries are set aside: those that are paused, and those that were until all that waits is published. So
 * the log holds nothing but what is published next, at any length of a pause, and a row's changes keep their order (R3).
 */
export class ParkedTables {
  /** Tables of which entries wait aside. */
  readonly #waiting: Set<string>;

  static async open(deps: ParkedDeps): Promise<ParkedTables> {
    const found = await deps.reader.whileLeading((connection, schema) => listParked(connection, schema));
    return new ParkedTables(
      deps,
      found.map(({ table }) => table),
    );
  }

  private constructor(
    private readonly deps: ParkedDeps,
    waiting: readonly string[],
  ) {
    this.#waiting = new Set(waiting);
  }

  /** Whether nothing of a table is published from the log: neither changes nor rows of loads. */
  parks(table: string): boolean {
    return this.deps.isPaused(table) || this.#waiting.has(table);
  }

  /** Sets entries aside, by table; the log has them no longer when it resolves. */
  async park(parked: ReadonlyMap<string, readonly LogEntry[]>): Promise<void> {
    const { reader, epoch, context } = this.deps;
    for (const [table, entries] of parked) {
      this.#waiting.add(table);
      await reader.whileLeading((...lead) => parkEntries(...lead, { table, epoch, entries }));
      context.metrics.count(table, 'parked', entries.length);
    }
  }

  /** What comes next of a table that is not paused any more; `undefined`: no such table has entries that wait. */
  async next(): Promise<ParkedBatch | undefined> {
    const { reader, epoch, context, isPaused } = this.deps;
    for (const table of [...this.#waiting].filter((one) => !isPaused(one))) {
      const batch = await reader.whileLeading((connection, schema) =>
        readParked(connection, schema, table, BATCH_ROWS, BATCH_BYTES),
      );
      if (batch.entries.length === 0) {
        await reader.whileLeading((connection, schema) => closeParked(connection, schema, table));
        this.#waiting.delete(table);
        context.log.info({ event: 'table-caught-up', table }, `all that waited of ${table} is published`);
      } else if (batch.epoch === epoch) return batch;
      // Of another epoch, whose ids compare with none of now: the load that came with the new one says what they said (R4).
      else await this.release(batch);
    }
    return undefined;
  }

  /** Kafka has these: they wait no longer. `published`: see `LogReader.acknowledge`. */
  async release(batch: ParkedBatch, published?: string): Promise<void> {
    await this.deps.reader.whileLeading((...lead) => releaseParked(...lead, batch, published));
  }
}
