import { openMysql, type TablePlan } from '@tributary/capture';
import { EventEncoder, newTrace } from '@tributary/relay';
import { ChunkReader, type SnapshotRow } from '@tributary/snapshot';
import type { OutRecord } from '@tributary/transport';
import type { LoadTask } from './load-task';
import type { RangeBounds } from './range-claim';

/** Reads a range and makes the records that the relay would make of its rows. */
export class RangeRecords {
  readonly #reader: ChunkReader;
  readonly #encoder: EventEncoder;
  readonly #floor: bigint;
  readonly #trace = newTrace();

  constructor(mysqlUrl: string, prefix: string, plan: TablePlan, task: LoadTask) {
    this.#reader = new ChunkReader(() => openMysql(mysqlUrl), plan, task.where);
    this.#encoder = new EventEncoder(prefix, plan.schema, task.epoch);
    this.#floor = BigInt(task.floor);
  }

  /** In parts of bounded size, in the order of the key. */
  of({ lower, upper }: RangeBounds): AsyncGenerator<OutRecord[]> {
    return this.#reader.slices(lower, upper, (row) => this.#record(row));
  }

  close(): void {
    this.#reader.close();
  }

  #record({ key, image }: SnapshotRow): OutRecord {
    const now = Date.now();
    const change = {
      op: 'r',
      key,
      before: 'null',
      after: image,
      id: this.#floor,
      atMs: now,
      snapshot: true,
    } as const;
    return this.#encoder.record(change, this.#trace, now);
  }
}
