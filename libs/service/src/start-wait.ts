import { SyncError, pause } from '@tributary/kernel';
import type { ServiceContext } from './service-context';

const FIRST_PAUSE_MS = 250;
const MOST_PAUSE_MS = 5_000;
const REMIND_MS = 30_000;

/**
 * Runs the start-up work of a service until it succeeds. A server that cannot be reached yet (a SyncError `retry`) is
 * waited for, however long, with readiness red and saying what is missing; whatever else `start` throws goes on.
 * `start` may be called many times. False when the signal aborts first: then nobody waits for a try under way.
 */
export async function untilStarted(
  context: Pick<ServiceContext, 'app' | 'log' | 'health' | 'metrics'>,
  start: () => Promise<void>,
  signal: AbortSignal,
): Promise<boolean> {
  const { app, log, health, metrics } = context;
  let missing: string | null = 'the service is starting';
  health.ready({
    name: 'start',
    check: () => {
      if (missing !== null) throw new Error(missing);
    },
  });
  const aborted = new Promise<'aborted'>((resolve) =>
    signal.addEventListener('abort', () => resolve('aborted'), { once: true }),
  );
  const since = Date.now();
  let toldAt = 0;
  for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; pauseMs = Math.min(pauseMs * 2, MOST_PAUSE_MS)) {
    try {
      const work = start();
      // Should the signal win, nobody hears how the work ended.
      work.catch(() => undefined);
      if ((await Promise.race([work, aborted])) === 'aborted') return false;
      if (toldAt > 0)
        log.info(
          { event: 'start-goes-on', waitedMs: Date.now() - since },
          'all servers answer: goes on with the start',
        );
      metrics.trouble.set({ stage: app }, 0);
      missing = null;
      return true;
    } catch (error) {
      if (!(error instanceof SyncError) || error.kind !== 'retry') throw error;
      missing = error.message;
      metrics.trouble.set({ stage: app }, 1);
      if (Date.now() - toldAt >= REMIND_MS) {
        const begun =
          toldAt > 0 ? `still waiting after ${Math.round((Date.now() - since) / 1000)} s` : 'waiting';
        log.warn({ event: 'start-waits', code: error.code }, `${begun} to start: ${missing}`);
        toldAt = Date.now();
      }
    }
    await pause(pauseMs, signal);
  }
  return false;
}
