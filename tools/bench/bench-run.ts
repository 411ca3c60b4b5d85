import { resetStack } from '@tributary/dev-stack';
import { servicesFolder, stackName } from './servers';
import { stopServices } from './services';

/** What a benchmark of a whole pipeline has besides its steps. */
export interface BenchRun {
  /** A line of progress, with the time since the beginning. */
  say(line: string): void;
  /** Stops the services and removes the servers with all they stored. */
  stop(): Promise<void>;
  /** Aborts at Ctrl-C, with a sentence. */
  readonly signal: AbortSignal;
}

export function beginBench(): BenchRun {
  const begun = performance.now();
  const interruption = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => interruption.abort(new Error('The benchmark was interrupted.')));
  return {
    say: (line) =>
      void process.stderr.write(
        `${((performance.now() - begun) / 1000).toFixed(1).padStart(7)} s  ${line}\n`,
      ),
    async stop() {
      await stopServices(servicesFolder);
      await resetStack(stackName, () => undefined);
    },
    signal: interruption.signal,
  };
}
