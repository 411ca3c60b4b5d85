import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import Table from 'cli-table3';
import { execa } from 'execa';
import { repositoryRoot, resetStack, type MongoKind } from '@tributary/dev-stack';
import { folderOf, type RunResult } from './run';

export interface CampaignOptions {
  readonly seeds: readonly number[];
  readonly minutes: number;
  readonly atOnce: number;
  readonly mysql: 'mysql' | 'mariadb' | 'both';
  readonly mongo: 'auto' | MongoKind;
  /** What the names of the stacks begin with. */
  readonly stack: string;
  readonly json?: string;
}

interface Run {
  readonly seed: number;
  readonly mysql: 'mysql' | 'mariadb';
}
type Finished = Run & Partial<RunResult> & { readonly equal: boolean; readonly stack: string };

/**
 * Runs several seeds, each in a process of its own, on as many stacks as run at once. Prints a line for each as it
 * ends and a table at the end, writes all results to a file, and gives the exit code: 0 when all were equal. The
 * stack of a run that was not equal stays, with its data, and takes no further run.
 */
export async function runCampaign(options: CampaignOptions): Promise<number> {
  const { seeds, atOnce, mysql, json = '.tributary/faults/report.json' } = options;
  const servers = mysql === 'both' ? (['mysql', 'mariadb'] as const) : [mysql];
  const waiting: Run[] = seeds.flatMap((seed) => servers.map((server) => ({ seed, mysql: server })));
  const finished: Finished[] = [];
  let stacks = 0;
  const slot = async () => {
    const name = () => `${options.stack}-${(stacks += 1)}`;
    let stack = name();
    for (let run = waiting.shift(); run; run = waiting.shift()) {
      const result = await runInProcess(run, options, stack);
      finished.push(result);
      process.stdout.write(`${lineOf(result)}\n`);
      if (!result.equal) stack = name();
    }
    await resetStack(stack, () => undefined);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, waiting.length) }, slot));
  process.stdout.write(`${tableOf(finished)}\n`);
  const file = resolve(repositoryRoot, json);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(finished, null, 1)}\n`);
  return finished.every(({ equal }) => equal) ? 0 : 1;
}

/** Its output is kept in `<seed>-<server>.log` beside the run's folder. */
async function runInProcess(
  { seed, mysql }: Run,
  { minutes, mongo }: CampaignOptions,
  stack: string,
): Promise<Finished> {
  const folder = folderOf(seed, mysql);
  const resultFile = join(folder, 'result.json');
  mkdirSync(dirname(folder), { recursive: true });
  rmSync(resultFile, { force: true });
  const own = ['--seed', String(seed), '--minutes', String(minutes), '--mysql', mysql];
  own.push('--mongo', mongo, '--stack', stack);
  const { exitCode } = await execa('tsx', ['e2e/faults/main.ts', ...own], {
    cwd: repositoryRoot,
    preferLocal: true,
    reject: false,
    stdin: 'ignore',
    stdout: { file: `${folder}.log` },
    stderr: { file: `${folder}.log`, append: true },
  });
  const result = existsSync(resultFile)
    ? (JSON.parse(readFileSync(resultFile, 'utf8')) as RunResult)
    : { problems: [`it ended with ${exitCode} and no result: see ${folder}.log`], folder };
  return { ...result, seed, mysql, stack, equal: exitCode === 0 && result.problems.length === 0 };
}

const lineOf = ({ seed, mysql, equal, stack, folder, problems = [] }: Finished) =>
  equal
    ? `seed ${seed} on ${mysql}: equal`
    : `seed ${seed} on ${mysql}: NOT EQUAL, ${problems.length} problems, stack "${stack}" kept; ${folder}\n  ${problems[0]}`;

function tableOf(runs: readonly Finished[]): string {
  const table = new Table({
    head: ['seed', 'source', 'seconds', 'faults', 'changes', 'rows', 'restarts', 'result'],
    style: { head: [], border: [] },
  });
  for (const run of [...runs].sort((a, b) => a.seed - b.seed))
    table.push([
      run.seed,
      run.mysql,
      run.seconds ?? '-',
      run.faults ?? '-',
      run.changes ?? '-',
      run.rows ?? '-',
      run.ownEnds ?? '-',
      run.equal ? 'equal' : `${run.problems?.length ?? 0} problems`,
    ]);
  return table.toString();
}
