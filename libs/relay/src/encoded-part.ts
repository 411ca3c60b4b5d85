import type { LogEntry } from '@tributary/capture';
import type { OutRecord } from '@tributary/transport';

/** What becomes of some entries of the log, in their order. */
export interface EncodedPart {
  readonly records: OutRecord[];
  /** Records by table, for metrics. */
  readonly counts: Map<string, number>;
  /** When the newest of them was made, UTC milliseconds. */
  readonly newest: Map<string, number>;
  /** Changes by table whose row cannot be told: only a new load of the table brings them to the targets. */
  readonly missed: Map<string, number>;
  readonly damaged: DamagedEntry[];
  readonly leftOut: LeftOut;
  /** Entries by table that are to be set aside, since it is paused. */
  readonly parked: Map<string, LogEntry[]>;
  /** The tables of which rows were read for it, and by which columns: `undefined` where none could be read. */
  readonly reread: Map<string, string | undefined>;
}

/** An entry that may have said something else than it does now, also of another row. */
export interface DamagedEntry {
  readonly id: bigint;
  /** `null`: it cannot be told. */
  readonly table: string | null;
  /** What is wrong, as the end of a sentence. */
  readonly damage: string;
}

/** Entries that are not published since their table is suspended or excluded: outcome to table to how many. */
export type LeftOut = Map<'suspended' | 'excluded', Map<string, number>>;

export const emptyPart = (): EncodedPart => ({
  records: [],
  counts: new Map(),
  newest: new Map(),
  missed: new Map(),
  damaged: [],
  leftOut: new Map(),
  parked: new Map(),
  reread: new Map(),
});

/** Whether there is nothing to do for it. */
export const isEmpty = ({ records, damaged, missed, leftOut, parked }: EncodedPart) =>
  records.length + damaged.length + missed.size + leftOut.size + parked.size === 0;
