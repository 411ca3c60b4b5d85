import type { WireRow } from '@tributary/contract';
import type { TargetName } from '@tributary/sync-config';
import type { Finding } from '@tributary/targets';

/** A finding, and which row of which table and target it is about. */
export interface Difference extends Finding {
  readonly table: string;
  readonly target: TargetName;
  /** The wire key; `null` for something in the target whose key no row of the table can have. */
  readonly key: WireRow | null;
  /** Its name in the target: the `_id` as extended JSON, or the Redis key. */
  readonly id: string;
  readonly inSource: boolean;
}
