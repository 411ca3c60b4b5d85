/** Reason codes of dead letters; docs/change-event.md explains each. */
export type RejectCode =
  | 'MALFORMED_JSON'
  | 'INVALID_KEY'
  | 'INVALID_ENVELOPE'
  | 'INVALID_HEADERS'
  | 'UNKNOWN_TABLE'
  | 'UNKNOWN_SCHEMA'
  | 'CRC_MISMATCH'
  | 'KEY_MISMATCH'
  | 'INVALID_ROW'
  | 'INVALID_DTO'
  | 'OVERSIZE'
  | 'UNMAPPABLE'
  | 'TARGET_REJECTED';

/** Why one event cannot be applied, now or ever (R11): it goes to the dead letters with this. */
export interface Rejection {
  readonly code: RejectCode;
  /** One sentence for a person: which field, what was wrong. Holds no column value beyond its type or length. */
  readonly reason: string;
}
