/** A second Ctrl-C within this time is the same one: npm and the terminal both send it. */
const SAME_MS = 500;

/**
 * Turns Ctrl-C and SIGTERM into an abort, so that what was started can be stopped. A second one ends the process
 * at once.
 */
export function abortOnInterruption(say: (line: string) => void): AbortSignal {
  const controller = new AbortController();
  let firstAt: number | undefined;
  const onSignal = () => {
    firstAt ??= performance.now();
    if (!controller.signal.aborted) {
      say('\nInterrupted: stopping what the demo started (once more Ctrl-C leaves it as it is) ...');
      controller.abort(new Error('The demo was interrupted.'));
    } else if (performance.now() - firstAt > SAME_MS) process.exit(130);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return controller.signal;
}
