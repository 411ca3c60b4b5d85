/** Exit code of a command that Ctrl-C or SIGTERM has ended. */
export const INTERRUPTED = 130;

/** Runs work that Ctrl-C or SIGTERM ends in order, by its signal; a second one ends the process at once. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const onSignal = () => (stop.signal.aborted ? process.exit(INTERRUPTED) : stop.abort());
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, onSignal);
  try {
    return await work(stop.signal);
  } finally {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.off(name, onSignal);
  }
}

/** The same for work that fails when it is interrupted: `null` then. */
export const untilInterrupted = <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T | null> =>
  interruptible(async (signal) => {
    try {
      return await work(signal);
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    }
  });
