import { Inject, Injectable } from '@nestjs/common';
import { pause } from '@tributary/kernel';
import { highest, Metrics, ServiceInfo, sum, type Fold } from '@tributary/service';
import type { FloorHold } from '@tributary/capture';
import type { SnapshotJobs, SnapshotProgress } from '@tributary/snapshot';

const EVERY_MS = 2_000;

/** The progress of loads as metrics, of the leader only: a load's condition holds values and stands nowhere open. */
@Injectable()
export class SnapshotGauges {
  #jobs: readonly SnapshotProgress[] = [];
  #floor: { held(): FloorHold | null } | undefined;

  constructor(@Inject(ServiceInfo) about: ServiceInfo, @Inject(Metrics) metrics: Metrics) {
    // Threads only: whose they are is not for everybody.
    about.describe(() => ({
      loadsWaitForThreads: this.#floor?.held()?.transactions.map(({ thread }) => thread) ?? [],
    }));
    metrics.observe(
      'tributary_floor_wait_seconds',
      'For how long open transactions of others have held back the floor that loads wait for (leader only, while a load is open)',
      () => {
        const hold = this.#floor?.held();
        return hold ? (Date.now() - hold.since) / 1000 : 0;
      },
    );
    const byTable = (
      name: string,
      help: string,
      read: (job: SnapshotProgress) => number | null,
      fold: Fold = sum,
    ) => {
      const lines = () =>
        this.#newest().flatMap((job) => {
          const value = read(job);
          return value === null ? [] : [{ labels: { table: job.table }, value }];
        });
      const what = `${help}, by the newest load of each table (leader only)`;
      metrics.observeEach(name, what, ['table'], lines, fold);
    };
    byTable('tributary_snapshot_rows', 'Rows loaded', ({ rowsDone }) => rowsDone);
    byTable(
      'tributary_snapshot_rows_estimated',
      'Rows to load, estimated until it is done',
      ({ rowsTotal }) => rowsTotal,
    );
    byTable('tributary_snapshot_rows_per_second', 'Rows a second', (job) => job.rowsPerSecond);
    byTable(
      'tributary_snapshot_seconds_left',
      'Seconds until it is done, estimated',
      (job) => job.secondsLeft,
      highest,
    );
    metrics.observeEach(
      'tributary_snapshot_jobs',
      'Loads that are open, and the newest of each table, by state (leader only)',
      ['state'],
      () =>
        [...new Set(this.#jobs.map(({ state }) => state))].map((state) => ({
          labels: { state },
          value: this.#jobs.filter((job) => job.state === state).length,
        })),
    );
  }

  /** Refreshes them while this instance leads. */
  async watch(jobs: SnapshotJobs, floor: { held(): FloorHold | null }, signal: AbortSignal): Promise<void> {
    this.#floor = floor;
    try {
      while (!signal.aborted) {
        this.#jobs = await jobs.current();
        await pause(EVERY_MS, signal);
      }
    } finally {
      this.#jobs = [];
      this.#floor = undefined;
    }
  }

  #newest(): SnapshotProgress[] {
    return [...new Map(this.#jobs.map((job) => [job.table, job])).values()];
  }
}
