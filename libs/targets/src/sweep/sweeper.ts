import { isNewer, type LoadControl, type RowSchema, type Version, type WireRow } from '@tributary/contract';
import { SyncError, transient } from '@tributary/kernel';
import type { TableSettings } from '@tributary/sync-config';
import type { TargetWriter } from '../row-change';
import type { SweepNotes } from './sweep-notes';
import { isDue, isOn, loadBegan, loadEnded, partitionMissed, sweepDone, type FedBy } from './sweep-state';

/** A row of a table, by its key. */
export interface RowKey {
  readonly schema: RowSchema;
  readonly key: WireRow;
  readonly keyText: string;
}

/** The end of a load, as one partition told it, and the table that it was of. */
export interface TableControl {
  readonly control: LoadControl;
  readonly settings: TableSettings;
  readonly schema: RowSchema;
}

/** What came of a load's last record. */
export interface SweepReport {
  readonly table: string;
  readonly job: string;
  readonly removed: number;
  /** Why nothing was removed, one sentence; absent where the sweep was done. */
  readonly refused?: string;
}

export interface SweeperParts {
  readonly notes: SweepNotes;
  readonly writer: Pick<TargetWriter, 'sweep' | 'rowId'>;
  /** Another table that lives in the same place of the target, so that rows cannot be told apart. */
  readonly neighbour: (settings: TableSettings) => string | undefined;
  /** Whether other pipelines write there too. */
  readonly shared: (settings: TableSettings) => boolean;
  /**
   * Rows with a version of `floor` or higher that never reached the target because they are dead letters: what it
   * holds of them is older than the load, but the source has them. `undefined`: too many to keep in mind.
   */
  readonly refusedSince: (table: string, floor: Version) => Promise<readonly RowKey[] | undefined>;
  /** Told after each batch of a long sweep, so that the process is not taken for stuck. */
  readonly onProgress: () => void;
}

/**
 * Removes from the target what a load did not find in the source (R5). Every row that the source held has a version
 * above the load's floor when all partitions have passed the load's end; whatever is below it is gone.
 */
export class Sweeper {
  readonly #parts: SweeperParts;

  constructor(parts: SweeperParts) {
    this.#parts = parts;
  }

  /**
   * Takes note of a control record, and sweeps when it was the last one that was missing. May be repeated at any time.
   * Throws a SyncError `retry` when the target cannot be written now or `signal` aborts: then the record must come again.
   */
  async take(of: TableControl, at: FedBy, signal: AbortSignal): Promise<SweepReport | undefined> {
    const { notes } = this.#parts;
    const { kind, table, floor, partitions, job } = of.control;
    if (kind === 'load') {
      await notes.update(table, (state) => loadBegan(state, floor, at));
      return undefined;
    }
    const state = await notes.update(table, (held) => loadEnded(held, of.control, at));
    if (isDue(state, floor, partitions)) {
      const report = await this.#sweep(of, signal);
      await notes.update(table, (held) => (held?.floor === floor ? sweepDone(held) : held));
      return report;
    }
    const missed =
      !state ||
      isNewer(floor, state.floor) ||
      (state.floor === floor && !(isOn(state, at) && state.begun.includes(at.partition)));
    return missed ? { table, job, removed: 0, refused: MISSED(at) } : undefined;
  }

  /** Events of a partition were not applied: loads of these tables that are under way there must not be taken for complete. */
  async missed(at: FedBy, tables?: Iterable<string>): Promise<void> {
    const { notes } = this.#parts;
    for (const table of tables ?? (await notes.tables()))
      await notes.update(table, (state) => state && partitionMissed(state, at));
  }

  async #sweep({ control, settings, schema }: TableControl, signal: AbortSignal): Promise<SweepReport> {
    const { writer, neighbour, onProgress } = this.#parts;
    const { table, job, floor } = control;
    if (this.#parts.shared(settings)) return { table, job, removed: 0, refused: OPEN };
    const shared = neighbour(settings);
    if (shared !== undefined) return { table, job, removed: 0, refused: SHARED(shared) };
    let spared: Promise<ReadonlySet<string>> | undefined;
    let removed = 0;
    try {
      for await (const count of writer.sweep({
        ...{ table: settings, schema, floor },
        spared: () => (spared ??= this.#spared(settings, control)),
      })) {
        removed += count;
        onProgress();
        if (signal.aborted)
          throw transient('STOPPED', 'The sweep was interrupted; it goes on when its record comes again.');
      }
    } catch (error) {
      if (error instanceof TooManyRefused) return { table, job, removed, refused: TOO_MANY };
      throw error;
    }
    return { table, job, removed };
  }

  async #spared(table: TableSettings, { floor }: LoadControl): Promise<ReadonlySet<string>> {
    const refused = await this.#parts.refusedSince(table.table, floor);
    if (!refused) throw new TooManyRefused();
    return new Set(refused.flatMap((row) => this.#rowId(table, row) ?? []));
  }

  /** A dead letter may have died of its very key, or have one that no longer fits the sync file: no row of it is in the target. */
  #rowId(table: TableSettings, row: RowKey): string | undefined {
    try {
      return this.#parts.writer.rowId({ table, ...row });
    } catch {
      return undefined;
    }
  }
}

/** Of the class that writers let pass as it is. */
class TooManyRefused extends SyncError {
  constructor() {
    super('retry', 'REFUSED', TOO_MANY);
  }
}

const OPEN =
  'its place is shared with other pipelines (shared: true), so none can be said to be gone: delete them by hand';
const SHARED = (table: string) =>
  `its rows share their place with ${table}, so none can be said to be gone: run "tributary verify --repair"`;
const MISSED = ({ feed, partition }: FedBy) =>
  `the beginning of the load was not seen on partition ${partition}${feed === 'loads' ? ' of the topic of loads' : ''}, or events of it were lost since: run "tributary snapshot start" once more`;
const TOO_MANY =
  'too many of its rows are dead letters: see "tributary dlq list", replay or discard them, then run "tributary snapshot start"';
