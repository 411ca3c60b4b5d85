import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { execa } from 'execa';
import { ensureStack, resetStack } from '../stack/index';

/**
 * `npm test`: everything, on real servers. Static checks and builds first, then a stack of its own (other ports
 * and data than a developer's), unit and server tests, end-to-end tests; the stack is removed at the end. The
 * last line is `N passed, N failed`.
 */
interface Counts {
  passed: number;
  failed: number;
}

const root = join(import.meta.dirname, '../..');
const run = (file: string, args: string[], env: NodeJS.ProcessEnv = {}) =>
  execa(file, args, { cwd: root, preferLocal: true, stdio: 'inherit', env, reject: false });

/** Static checks count as one test each, so that a broken lint rule fails the run like a broken test. */
async function checks(): Promise<Counts> {
  const counts = { passed: 0, failed: 0 };
  for (const target of ['lint', 'typecheck', 'build']) {
    const { exitCode } = await run('nx', ['run-many', '-t', target, '--outputStyle=static']);
    counts[exitCode === 0 ? 'passed' : 'failed'] += 1;
  }
  return counts;
}

async function jest(projects: string[], env: NodeJS.ProcessEnv, flags: string[]): Promise<Counts> {
  const report = join(root, '.tributary', `jest-${projects.join('-')}.json`);
  rmSync(report, { force: true });
  const args = ['--selectProjects', ...projects, '--json', `--outputFile=${report}`, ...flags];
  const { exitCode } = await run('jest', args, env);
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

/** Ctrl-C or a time limit must not leave five servers behind. */
function removeOnSignal(stack: string): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void resetStack(stack).finally(() => process.exit(1)));
}

async function main(): Promise<number> {
  const options = new Command('npm test --')
    .description('Runs every test on real servers that it starts for itself')
    .option('--stack <name>', 'name of the stack to use', 'test')
    .option('--keep', 'leave the stack running, for a faster next run', false)
    .option('--skip-checks', 'leave out lint, typecheck and build', false)
    .parse()
    .opts<{ stack: string; keep: boolean; skipChecks: boolean }>();
  const results: Counts[] = [];
  if (!options.skipChecks) results.push(await checks());
  // The stand-in that every machine can install at once: the tests then see the same server everywhere.
  const mongo = process.env['MONGODB_URI'] ? 'auto' : 'secantus-py';
  const stack = { name: options.stack, mysql: 'both', mongo } as const;
  if (!options.keep) removeOnSignal(options.stack);
  try {
    const env = { ...(await ensureStack(stack)), TRIBUTARY_TEST_STACK: options.stack };
    results.push(await jest(['unit', 'servers'], env, ['--maxWorkers=2']));
    // One after another and on a stack of its own: the fault run may kill servers too, unless one is somebody else's.
    // A handle that a test leaves open, of which Jest tells, must not keep the run from its end.
    const flags = ['--runInBand', '--forceExit'];
    results.push(await jest(['e2e'], { ...env, TRIBUTARY_FAULTS_STACK: options.stack }, flags));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    results.push({ passed: 0, failed: 1 });
  } finally {
    if (!options.keep) await resetStack(options.stack);
  }
  const sum = (pick: keyof Counts) => results.reduce((total, counts) => total + counts[pick], 0);
  process.stdout.write(`${sum('passed')} passed, ${sum('failed')} failed\n`);
  return sum('failed') === 0 ? 0 : 1;
}

void main().then((code) => process.exit(code));
