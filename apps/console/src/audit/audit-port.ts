import type { AuditEntry } from '@tributary/console-api';

/** Where entries of the audit topic are written and read. */
export interface AuditPort {
  /** Resolves when Kafka has it. Throws a SyncError. */
  write(entry: AuditEntry): Promise<void>;
  /** Newest first. */
  newest(limit: number): Promise<readonly AuditEntry[]>;
}

/** Of an `AuditPort`, for injection. */
export const AUDIT = Symbol('AuditPort');
