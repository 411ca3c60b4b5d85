import { slowWait } from '@tributary/kernel';
import type { LoadDeps } from './load-deps';
import type { RunningJob } from './snapshot-jobs';

const REMIND_SECONDS = 60;

/** Tells what a load waits for, once that has taken some seconds: in the log and in its job. */
export class LoadWait {
  constructor(
    private readonly deps: Pick<LoadDeps<unknown>, 'jobs' | 'log'>,
    private readonly job: RunningJob,
  ) {}

  /** Awaits `work`, which waits for what `what` says at the time: a sentence without its end, as of now. */
  async during<T>(work: Promise<T>, what: () => string | Promise<string>): Promise<T> {
    const { jobs, log } = this.deps;
    const job = this.job.id;
    const { table } = this.job;
    let told = -Infinity;
    try {
      return await slowWait(work, async (seconds) => {
        const waitsFor = await what();
        await jobs.waits(this.job, waitsFor, seconds);
        if (seconds - told < REMIND_SECONDS) return;
        told = seconds;
        log.warn(
          { event: 'snapshot-waits', job, table, seconds },
          `the load of ${table} has waited for ${seconds} s for ${waitsFor}`,
        );
      });
    } finally {
      if (told > -Infinity) {
        await jobs.waits(this.job, null, 0).catch(() => undefined);
        log.info({ event: 'snapshot-waits', job, table }, `the load of ${table} waits no longer`);
      }
    }
  }
}
