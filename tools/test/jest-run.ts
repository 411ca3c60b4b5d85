import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

export const root = join(import.meta.dirname, '../..');

interface JestRun {
  /** Of its report, and in front of its lines where several run beside each other. */
  readonly name: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Runs Jest; a run that leaves no report, or fails in another way than by a test, counts as one failure. */
export async function jest({ name, args, env }: JestRun, named = false): Promise<Counts> {
  const report = join(root, '.tributary', `jest-${name}.json`);
  rmSync(report, { force: true });
  const mark = function* (line: unknown) {
    yield `${name}: ${String(line)}`;
  };
  const output = named ? ([mark, 'inherit'] as const) : 'inherit';
  const { exitCode } = await execa('jest', [...args, '--json', `--outputFile=${report}`], {
    ...{ cwd: root, preferLocal: true, env, reject: false, buffer: false },
    ...{ stdin: 'inherit', stdout: output, stderr: output },
  });
  try {
    const result = JSON.parse(readFileSync(report, 'utf8')) as {
      numPassedTests: number;
      numFailedTests: number;
      numRuntimeErrorTestSuites: number;
    };
    const broken = result.numFailedTests + result.numRuntimeErrorTestSuites;
    return { passed: result.numPassedTests, failed: Math.max(broken, exitCode === 0 ? 0 : 1) };
  } catch {
    return { passed: 0, failed: 1 };
  }
}
