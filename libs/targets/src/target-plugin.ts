import type { RowSchema } from '@tributary/contract';
import type { Check } from '@tributary/kernel';
import type { EnvPart, TableSettings, TargetName, TargetSpec } from '@tributary/sync-config';
import type { Place } from './places/place';
import type { PlaceStore } from './places/place-store';
import type { TargetWriter } from './row-change';
import type { PositionStore, TopicIdStore } from './sink/position-keeper';
import type { Misfit } from './sink/table-fitness';
import type { SweepNoteStore } from './sweep/sweep-notes';
import type { ScanRules, TargetScan } from './scan/target-scan';
import type { TargetView, ViewedTable } from './target-view';
import type { PlaceSchema } from './place-schema';
import type { VersionReader } from './version-reader';

/** What is to be known of a target without a connection to it. */
export interface TargetRules {
  readonly name: TargetName;
  /** Where the rows of a table go. */
  place(settings: TableSettings): Place;
  /** Texts of which two tables share one when rows of the one could be taken for the other's. */
  surfaces(settings: TableSettings): readonly string[];
  readonly words: {
    /** A place, by its id. */
    where(id: string): string;
    /** What of the sync file gives a table another place. */
    readonly elsewhere: string;
  };
  /** Why a table of this schema cannot be written with its settings; `null`: it can. Never throws. */
  misfit(schema: RowSchema, settings: TableSettings): Misfit | null;
  /** All codes of misfits: what a schema or a sync file that fits lifts again. */
  readonly misfitCodes: readonly string[];
}

/** Told of what a connected target meets. */
export interface TargetListener {
  /** The connection is gone; it comes back by itself. */
  onLost(error: Error): void;
  /** Something is not kept that no row waits for. */
  onWarning(code: string, message: string): void;
}

/** A target on one connection. */
export interface ConnectedTarget {
  readonly writer: TargetWriter;
  /** Where it notes the positions of a consumer group on a topic. */
  positions(group: string, topic: string): PositionStore & TopicIdStore;
  /** Where it notes what it has seen of loads; under the `backlogGroup`, what it has left out of paused tables. */
  sweepNotes(group: string): SweepNoteStore;
  /** Where it notes whose its places are. */
  readonly places: PlaceStore;
  readonly versions: VersionReader;
  /** A table's side of a comparison. */
  view(table: ViewedTable): TargetView;
  /** Reads what it holds of a table part by part, in a target that has `TargetPlugin.scan`. */
  scan?(table: ViewedTable): TargetScan;
  /** Whether the server is fit for a target, as `tributary doctor` tells. */
  examine(): Promise<Check[]>;
  /** The schemas of the places of these tables, in a target that keeps some. */
  schemas?(tables: readonly ViewedTable[]): PlaceSchema[];
}

/** All that the pipeline knows of a target; `registry.ts` lists them. */
export interface TargetPlugin<Address = unknown> extends TargetRules {
  readonly spec: TargetSpec;
  readonly env: {
    /** The variable without which the target is not to be had. */
    readonly variable: string;
    readonly part: EnvPart<Address>;
  };
  /** How tasks on many machines compare it; without that one process does. */
  readonly scan?: ScanRules;
  /** Whether its places have schemas. */
  readonly keepsSchemas: boolean;
  /** Throws a SyncError: `retry` while the target is away, fatal when it refuses us. */
  connect(address: Address, listener: TargetListener): Promise<ConnectedTarget>;
}
