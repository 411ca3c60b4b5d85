import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { execa } from 'execa';
import { ensureStack, resetStack, allStates } from '@tributary/dev-stack';
import { jest, root, type Counts } from './jest-run';

const { PRIORITY_LOW: LOW, PRIORITY_NORMAL: NORMAL } = constants.priority;

/**
 * `npm test`: everything, on real servers. The build, meanwhile two stacks of its own (other ports and data than a
 * developer's); then the unit tests; then everything on servers, by several workers on the first stack, and beside them, one after
 * another, the tests that kill servers or take accounts away, on the second stack or one of their own. These wait for servers often
 * enough for the static checks to go on beside them. The stacks are removed at the end. The last line is `N passed, N failed`.
 */
const run = async (priority: number, file: string, ...args: string[]): Promise<Counts> => {
  const child = execa(file, args, { cwd: root, preferLocal: true, stdio: 'inherit', reject: false });
  if (child.pid !== undefined) setPriority(child.pid, priority);
  const { exitCode } = await child;
  return exitCode === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
};

/** Comes first: what is tested, and the graph of projects that the rule about imports reads. */
const build = async () => [await run(NORMAL, 'nx', 'run-many', '-t', 'build', '--outputStyle=static')];

/**
 * Static checks count as one test each, so that a broken lint rule fails the run like a broken test. Types and lint of
 * all projects by one process each: project by project reads the same files again and takes five times as long.
 */
const checks = (): Promise<Counts>[] => [
  run(LOW, 'eslint', '--max-warnings', '0', 'apps', 'libs', 'e2e', 'tools'),
  // The rules that need types, by a native program: they took eslint three times as long as all the others.
  run(LOW, 'oxlint', '--type-aware', 'apps', 'libs', 'e2e', 'tools'),
  run(LOW, 'tsc', '-p', 'tsconfig.json', '--noEmit'),
  // What runs in a browser: other globals, and JSX.
  run(LOW, 'tsc', '-p', 'apps/console-web/tsconfig.json', '--noEmit'),
  run(LOW, 'knip', '--no-progress'),
];

/** Ctrl-C or a time limit must leave no server behind, also none of a spec that has a stack of its own. */
function removeOnSignal(own: readonly string[]): void {
  const others = new Set(allStates().map(({ name }) => name));
  let removing: Promise<unknown> | undefined;
  const remove = () => {
    const begun = allStates().filter(({ name }) => own.includes(name) || !others.has(name));
    return Promise.allSettled(begun.map(({ name }) => resetStack(name)));
  };
  // The terminal's signal may come twice, once more by the parent process: the second must not end the removal.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => void (removing ??= remove().finally(() => process.exit(1))));
}

/**
 * What runs on the second stack, one after another. First, by its order, the specs that stop, freeze and kill servers, or drop an
 * account of all: nobody else's test may stand on those meanwhile. Then as many that wait most of the time that both end together.
 */
const second = '(e2e/(drift|faults|target-trouble|secure|alerts|console|sweep)|cli/test/pause)\\.spec';

async function tests(stacks: readonly [string, string], workers: string, check: boolean): Promise<Counts[]> {
  // The stand-in that every machine can install at once: the tests then see the same server everywhere.
  const mongo = process.env['MONGODB_URI'] ? 'auto' : 'secantus-py';
  const up = async (name: string) => ({
    ...(await ensureStack({ name, mysql: 'both', mongo })),
    TRIBUTARY_TEST_STACK: name,
  });
  const servers = async () => [await up(stacks[0]), await up(stacks[1])] as const;
  const [begun, built] = await Promise.allSettled([servers(), check ? build() : []]);
  const results = built.status === 'fulfilled' ? [...built.value] : [{ passed: 0, failed: 1 }];
  if (begun.status === 'rejected') {
    process.stderr.write(`${(begun.reason as Error).message}\n`);
    return [...results, { passed: 0, failed: 1 }];
  }
  const [first, own] = begun.value;
  // Alone, since some of them measure milliseconds.
  results.push(await jest({ name: 'unit', args: ['--selectProjects', 'unit', '--maxWorkers=2'], env: {} }));
  const ordered = ['--testSequencer', join(import.meta.dirname, 'spec-order.cjs')];
  // A handle that a test leaves open, of which Jest tells, must not keep the run from its end.
  const shared = ['--selectProjects', 'servers', 'e2e', '--testPathIgnorePatterns', second];
  const inBand = ['--selectProjects', 'servers', 'e2e', '--testPathPatterns', second, '--runInBand'];
  const last = [
    jest({
      name: 'servers',
      args: [...shared, `--maxWorkers=${workers}`, '--forceExit', ...ordered],
      env: first,
    }),
    jest({
      name: 'second',
      args: [...inBand, '--forceExit', ...ordered],
      env: { ...own, TRIBUTARY_FAULTS_STACK: stacks[1] },
    }),
    ...(check ? checks() : []),
  ];
  return [...results, ...(await Promise.all(last))];
}

async function main(): Promise<number> {
  const options = new Command('npm test --')
    .description('Runs every test on real servers that it starts for itself')
    .option('--stack <name>', 'name of the first stack; the second is called <name>-2', 'test')
    .option('--keep', 'leave the stacks running, for a faster next run', false)
    .option(
      '--long',
      'also what a commit leaves out: both source servers everywhere, faults for 3 minutes, more whole pipelines',
      false,
    )
    .option(
      '--workers <n>',
      'processes for the tests on servers; most of their time they wait for those',
      '3',
    )
    .option('--skip-checks', 'leave out lint, typecheck and build', false)
    .parse()
    .opts<{ stack: string; keep: boolean; long: boolean; workers: string; skipChecks: boolean }>();
  // Services and commands are started some hundred times: what V8 made of their code is kept.
  process.env['NODE_COMPILE_CACHE'] ??= join(root, '.tributary/compile-cache');
  if (options.long) process.env['TRIBUTARY_TEST_LONG'] = '1';
  const stacks = [options.stack, `${options.stack}-2`] as const;
  if (!options.keep) removeOnSignal(stacks);
  const results = await tests(stacks, options.workers, !options.skipChecks).catch(
    (error: Error): Counts[] => {
      process.stderr.write(`${error.message}\n`);
      return [{ passed: 0, failed: 1 }];
    },
  );
  if (!options.keep) for (const stack of stacks) await resetStack(stack);
  for (const failure of results.flatMap(({ failures = [] }) => failures))
    process.stdout.write(`FAILED ${failure}\n\n`);
  const retried = results.flatMap((counts) => counts.retried ?? []);
  process.stdout.write(`${retried.length} passed at a second try only\n`);
  for (const test of retried) process.stdout.write(`  ${test}\n`);
  const sum = (pick: 'passed' | 'failed') => results.reduce((total, counts) => total + counts[pick], 0);
  process.stdout.write(`${sum('passed')} passed, ${sum('failed')} failed\n`);
  return sum('failed') === 0 ? 0 : 1;
}

// What a slow reader of a pipe has not taken yet would be lost with the process.
void main().then((code) => process.stdout.write('', () => process.exit(code)));
