import { insertMarker, openMysql, RollingFloor, type TablePlan } from '@tributary/capture';
import { waitFor } from '@tributary/testing';
import { ChunkOutlet, ChunkWindows, SnapshotRunner, type SnapshotJobs } from '../src';
import type { Source } from './source';

/** The part of a relay around the loads: it publishes what the outlet holds, into memory. */
export class MemoryRelay {
  readonly published: { table: string; key: string; floor: bigint }[] = [];
  readonly lag = {
    behind: false,
    slowest: 'the sink, which has 3 events to do',
    start: () => undefined,
    stop: () => undefined,
    caughtUp: async (signal: AbortSignal) => {
      await waitFor(() => !this.lag.behind || signal.aborted, { timeoutMs: 60_000, everyMs: 10 });
    },
  };
  readonly #stop = new AbortController();
  readonly #outlet = new ChunkOutlet<{ table: string; key: string; floor: bigint }>();
  readonly #floor: RollingFloor;
  #running: Promise<unknown>[] = [];
  chunkMs = 300;
  /** Rows of each publication. */
  readonly sizes: number[] = [];
  /** Called before each publication. */
  gate: () => Promise<void> = () => Promise.resolve();
  /** Whether rows fit their table as it is now. */
  fits: (table: string) => boolean = () => true;
  /** Beginnings and ends that the sinks were told of, with the marker. */
  readonly told: string[] = [];
  readonly warnings: string[] = [];

  constructor(
    private readonly source: Source,
    private readonly jobs: SnapshotJobs,
    private readonly plans: ReadonlyMap<string, TablePlan>,
  ) {
    this.#floor = new RollingFloor(source.url, source.captureSchema);
  }

  start(): this {
    const { signal } = this.#stop;
    const runner = new SnapshotRunner({
      jobs: this.jobs,
      plan: (table) => this.plans.get(table),
      waiting: () => new Map(),
      connect: () => openMysql(this.source.url),
      chunkMs: this.chunkMs,
      windows: new ChunkWindows(),
      outlet: this.#outlet,
      floor: this.#floor,
      lag: this.lag,
      insertMarker: () => insertMarker(this.source.relay, this.source.captureSchema),
      epoch: 1,
      loads: {
        began: async ({ mark }) => void this.told.push(`began ${mark!.id}`),
        ended: async ({ mark }) => void this.told.push(`ended ${mark!.id}`),
      },
      recorder: ({ schema: { table } }) =>
        Promise.resolve(({ key }: { key: string }, floor: bigint) => ({ table, key, floor })),
      log: {
        info: () => undefined,
        warn: (fields, message) => void this.warnings.push(`${JSON.stringify(fields)} ${message}`),
      },
    });
    this.#running = [runner.run(signal), this.#publish(signal)];
    return this;
  }

  async #publish(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#outlet.flush(Infinity, async (rows, table) => {
        await this.gate();
        if (!this.fits(table)) return false;
        this.published.push(...rows);
        this.sizes.push(rows.length);
        return true;
      });
      if (this.#outlet.idle) await new Promise((resolve) => setTimeout(resolve, 2));
    }
    this.#outlet.close(new Error('the relay ends'));
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
  }

  keysOf(table: string): string[] {
    return this.published.filter((row) => row.table === table).map(({ key }) => key);
  }
}
