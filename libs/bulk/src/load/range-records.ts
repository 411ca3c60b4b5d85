import { openMysql, type TablePlan } from '@tributary/capture';
import { EventEncoder, snapshotRecords } from '@tributary/relay';
import { ChunkReader, usualBounds } from '@tributary/snapshot';
import type { OutRecord } from '@tributary/transport';
import type { LoadTask } from './load-task';
import type { RangeBounds } from './range-claim';

/** Parts a second that a load with a rate has at least: what comes in few and large ones stands before live changes. */
const PACED_PARTS = 20;

/** Reads a range and makes the records that the relay would make of its rows. */
export class RangeRecords {
  readonly #reader: ChunkReader;
  readonly #record: ReturnType<typeof snapshotRecords>;
  readonly #floor: bigint;

  constructor(mysqlUrl: string, prefix: string, plan: TablePlan, task: LoadTask) {
    this.#reader = new ChunkReader(() => openMysql(mysqlUrl), plan, task.where, partsOf(task));
    this.#record = snapshotRecords(new EventEncoder(prefix, plan.schema, task.epoch));
    this.#floor = BigInt(task.floor);
  }

  /** In parts of bounded size, in the order of the key. */
  of({ lower, upper }: RangeBounds): AsyncGenerator<OutRecord[]> {
    return this.#reader.slices(lower, upper, (row) => this.#record(row, this.#floor));
  }

  close(): void {
    this.#reader.close();
  }
}

const partsOf = ({ rate }: LoadTask) =>
  rate === null ? {} : { sliceRows: Math.min(usualBounds.sliceRows, Math.ceil(rate / PACED_PARTS)) };
