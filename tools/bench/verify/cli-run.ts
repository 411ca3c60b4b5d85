import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { repositoryRoot } from '@tributary/dev-stack';
import { cpuSeconds, peakMemoryMb } from '../usage';

const LOOK_MS = 200;

/** What one command of the command line took. */
export interface CliRun {
  readonly seconds: number;
  /** As of the last look before it ended. */
  readonly cpuSeconds: number;
  readonly peakMb: number;
  readonly exitCode: number | null;
  readonly output: string;
}

/** Runs the built command line as a process of its own. */
export async function runCli(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<CliRun> {
  const started = performance.now();
  const child = spawn(process.execPath, [join(repositoryRoot, 'dist/apps/cli/main.js'), ...args], {
    ...{ env, stdio: ['ignore', 'pipe', 'inherit'] },
  });
  let [cpu, peak] = [0, 0];
  const timer = setInterval(() => {
    cpu = cpuSeconds(child.pid!) || cpu;
    peak = peakMemoryMb(child.pid!) || peak;
  }, LOOK_MS);
  try {
    const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
    const output = await text(child.stdout);
    const exitCode = await exited;
    const seconds = (performance.now() - started) / 1000;
    return { seconds, cpuSeconds: cpu, peakMb: peak, exitCode, output };
  } finally {
    clearInterval(timer);
  }
}
