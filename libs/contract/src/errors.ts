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

/**
 * An error with a class: `retry` passes by itself (network, not primary, OOM) and is retried for ever,
 * `fatal` needs a person (configuration, rights) and stops the command or the service with this sentence.
 */
export class SyncError extends Error {
  constructor(
    readonly kind: 'retry' | 'fatal',
    /** Upper-case word for scripts, e.g. `CONFIG`, `PREFLIGHT`, `UNREACHABLE`. */
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'SyncError';
  }
}

export const fatal = (code: string, message: string, cause?: unknown) =>
  new SyncError('fatal', code, message, { cause });

export const transient = (code: string, message: string, cause?: unknown) =>
  new SyncError('retry', code, message, { cause });
