import {
  closeParked,
  distrustParked,
  findParkedTables,
  parkEntries,
  readParked,
  releaseParked,
  type LogEntry,
  type LogReader,
  type ParkedBatch,
} from '@tributary/capture';
import type { RelayContext } from './ports';
import type { ShapeGuard } from './shape-guard';

/** As of one batch of the log. */
const BATCH_ROWS = 2_000;
const BATCH_BYTES = 8 << 20;

export interface ParkedDeps {
  readonly context: Pick<RelayContext, 'app' | 'log' | 'metrics'>;
  readonly reader: Pick<LogReader, 'whileLeading'>;
  /** Of the ids that the log hands out now. */
  readonly epoch: number;
  readonly isPaused: (table: string) => boolean;
  /** See `ShapeGuard`. */
  readonly guard: Pick<ShapeGuard, 'distrusted'>;
}

/**
 * The tables whose entries are set aside: those that are paused, and those that were until all that waits is published. So
 * the log holds nothing but what is published next, at any length of a pause, and a row's changes keep their order (R3).
 */
export class ParkedTables {
  /** Tables of which entries wait aside, in the order of their turns. */
  readonly #waiting: Set<string>;
  /** Those of which some were published, and the rest was not yet. */
  readonly #begun = new Set<string>();

  static async open(deps: ParkedDeps): Promise<ParkedTables> {
    return new ParkedTables(
      deps,
      await deps.reader.whileLeading((connection, schema) => findParkedTables(connection, schema)),
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

  /** Whether entries wait behind some of their table that were published; so it stays while that is paused again. */
  get isHalfway(): boolean {
    return this.#begun.size > 0;
  }

  /** Sets entries aside, by table; the log has them no longer when it resolves. */
  async park(parked: ReadonlyMap<string, readonly LogEntry[]>): Promise<void> {
    const { reader, epoch, context, guard } = this.deps;
    for (const [table, entries] of parked) {
      this.#waiting.add(table);
      await reader.whileLeading((...lead) => parkEntries(...lead, { table, epoch, entries }));
      const distrusted = guard.distrusted(table);
      if (entries.some(({ id }) => id <= distrusted))
        await reader.whileLeading((connection, schema) =>
          distrustParked(connection, schema, table, distrusted),
        );
      context.metrics.count(table, 'parked', entries.length);
    }
  }

  /** What comes next of a table that is not paused any more, of each in turn; `undefined`: no such table has entries that wait. */
  async next(): Promise<ParkedBatch | undefined> {
    const { reader, epoch, context, isPaused } = this.deps;
    for (const table of [...this.#waiting].filter((one) => !isPaused(one))) {
      const batch = await reader.whileLeading((connection, schema) =>
        readParked(connection, schema, table, BATCH_ROWS, BATCH_BYTES),
      );
      if (batch.entries.length === 0) {
        await reader.whileLeading((...lead) => closeParked(...lead, table));
        this.#waiting.delete(table);
        this.#begun.delete(table);
        context.log.info({ event: 'table-caught-up', table }, `all that waited of ${table} is published`);
        continue;
      }
      this.#begun.add(table);
      if (batch.epoch === epoch) {
        this.#waiting.delete(table);
        this.#waiting.add(table);
        return batch;
      }
      // Of another epoch, whose ids compare with none of now: the load that came with the new one says what they said (R4).
      await this.release(batch);
    }
    return undefined;
  }

  /** Kafka has these: they wait no longer. `published`: see `LogReader.acknowledge`. */
  async release(batch: ParkedBatch, published?: string): Promise<void> {
    await this.deps.reader.whileLeading((...lead) => releaseParked(...lead, batch, published));
  }
}
