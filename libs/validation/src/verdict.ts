import type { Headers, Rejection, RowSchema } from '@tributary/contract';
import type { DtoCheck } from '@tributary/schemas';
import type { SyncConfig } from '@tributary/sync-config';

/** Of key and value together: room for the largest message of the topics; the broker has the last word. */
export const MAX_EVENT_BYTES = 48 * 2 ** 20;

/** What a record is judged by. */
export interface ValidationRules {
  readonly config: Pick<SyncConfig, 'table' | 'isExcluded'>;
  /** A row schema that is known already. */
  readonly schema: (fingerprint: string) => RowSchema | undefined;
  /** The check that the sync file names for a table. */
  readonly dto: (name: string) => DtoCheck;
  /** Largest key and value together, in bytes, that the validated topic takes. */
  readonly maxBytes: number;
}

export interface CheckedRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Headers;
}

export type Verdict =
  /** Goes on byte for byte. */
  | { readonly kind: 'forward'; readonly event?: ForwardedEvent; readonly isControl?: true }
  /** `table` as the key names it, once the key is well-formed. */
  | { readonly kind: 'rejected'; readonly rejection: Rejection; readonly table?: string }
  /** The sync file leaves the table out by now: the record is skipped. */
  | { readonly kind: 'excluded'; readonly table: string }
  /** No verdict yet: ask the schemas topic for this fingerprint and judge again. */
  | { readonly kind: 'unknown-schema'; readonly fingerprint: string; readonly table: string };

/** What is known of a good row change; control records and tombstones have none. */
export interface ForwardedEvent {
  readonly table: string;
  /** A delete is followed by its tombstone. */
  readonly isDelete: boolean;
  /** When the row changed, UTC milliseconds. */
  readonly tsMs: number;
}
