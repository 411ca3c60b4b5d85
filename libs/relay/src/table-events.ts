import type { EventEmitter } from 'node:events';

/** What the parts of the table monitor tell each other; listeners run at once. */
export type TableEvents = EventEmitter<{
  /** A table is no longer what its triggers were made for. */
  changed: [];
  /** The tables whose capture is known to need mending now. */
  needsRepair: [tables: ReadonlySet<string>];
  /** Capture of a table is in order again, and a load is queued of what it has missed. */
  repaired: [table: string];
}>;
