import { readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { execa } from 'execa';
import { memoryEnv } from '@tributary/dev-services';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  /** What failed, with its first words: the end of a long output is often all of it that is kept. */
  readonly failures?: readonly string[];
  /** Tests that passed at a second try only. */
  readonly retried?: readonly string[];
}

export const root = join(import.meta.dirname, '../..');

interface JestRun {
  /** Of its report, and in front of its lines, since another run stands beside it. */
  readonly name: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Of Jest's own report. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
      /** How often the test was run. */
      readonly invocations?: number;
      /** What it failed by at its first try. */
      readonly retryReasons?: readonly string[];
    }[];
  }[];
}

/** Characters of a failure that are said again at the end. */
const SAID = 900;
const said = (message: string) => message.slice(0, SAID);

function failuresOf({ testResults }: Report): string[] {
  return testResults.flatMap(({ name, message, assertionResults }) => {
    const file = relative(root, name);
    const failed = assertionResults.filter(({ status }) => status === 'failed');
    // A file that could not be run has no tests.
    if (assertionResults.length === 0 && message) return [`${file}: ${said(message)}`];
    // The first try tells the cause: a second one stands on what the first, and the tests after it, left behind.
    return failed.map(({ fullName, failureMessages, retryReasons = [] }) =>
      [`${file}: ${fullName}`, ...[...retryReasons, ...failureMessages].map(said)].join('\n'),
    );
  });
}

const retriedOf = ({ testResults }: Report): string[] =>
  testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status, invocations = 1 }) => status === 'passed' && invocations > 1)
      .map(({ fullName, retryReasons = [] }) =>
        [`${relative(root, name)}: ${fullName}`, ...retryReasons.map(said)].join('\n'),
      ),
  );

/** Runs Jest; a run that leaves no report, or fails in another way than by a test, counts as one failure. */
export async function jest({ name, args, env }: JestRun): Promise<Counts> {
  const report = join(root, '.tributary', `jest-${name}.json`);
  rmSync(report, { force: true });
  const mark = function* (line: unknown) {
    yield `${name}: ${String(line)}`;
  };
  const output = [mark, 'inherit'] as const;
  // Threads of the garbage collector wait for each other on processors that others keep busy: without them a spec costs a fifth less.
  const program = ['--single-threaded-gc', join(root, 'node_modules/jest/bin/jest.js')];
  const { exitCode } = await execa('node', [...program, ...args, '--json', `--outputFile=${report}`], {
    // What is tested runs in Jest's processes too, and is to have the memory that services have.
    ...{ cwd: root, preferLocal: true, env: { ...memoryEnv, ...env }, reject: false, buffer: false },
    ...{ stdin: 'inherit', stdout: output, stderr: output },
  });
  try {
    const result = JSON.parse(readFileSync(report, 'utf8')) as Report;
    const broken = result.numFailedTests + result.numRuntimeErrorTestSuites;
    const failed = Math.max(broken, exitCode === 0 ? 0 : 1);
    return {
      ...{ passed: result.numPassedTests, failed },
      ...{ failures: failuresOf(result), retried: retriedOf(result) },
    };
  } catch {
    return { passed: 0, failed: 1 };
  }
}
