import { holdText, insertMarker, RollingFloor, type Connection } from '@tributary/capture';
import { fatal, slowWait } from '@tributary/kernel';
import type { JobMark } from './bulk-jobs';

export type JobFloor = Pick<JobMark, 'marker' | 'floor'>;

interface FloorDeps {
  readonly mysqlUrl: string;
  readonly captureSchema: string;
  readonly connection: Connection;
  /** Told what is waited for, for people: one sentence, again and again. */
  readonly waits: (sentence: string) => void;
}

/**
 * A marker, and an id above it up to which everything is committed or rolled back: the floor of loads that read nothing before
 * (R5). Throws the signal's reason when that aborts.
 */
export async function takeFloor(
  { mysqlUrl, captureSchema, connection, waits }: FloorDeps,
  signal: AbortSignal,
): Promise<JobFloor> {
  const floor = new RollingFloor(mysqlUrl, captureSchema);
  await floor.start();
  const stop = () => void floor.stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const marker = await insertMarker(connection, captureSchema);
    await slowWait(floor.waitFor(marker), (seconds) => {
      const hold = floor.held();
      const what =
        floor.trouble()?.message ?? (hold ? holdText(hold) : 'transactions that are changing rows');
      waits(`${seconds} s for ${what}`);
    });
    const id = floor.floor();
    // All rows must have a version above the marker, which the sweep compares with.
    if (id <= marker) throw fatal('SNAPSHOT', `The floor ${id} is not above the marker ${marker}.`);
    return { marker: String(marker), floor: String(id) };
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    await floor.stop();
  }
}
