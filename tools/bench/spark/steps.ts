import { setTimeout as sleep } from 'node:timers/promises';
import type { Delay, LoneChanges } from '../lone-changes';
import { timeLoneChanges } from '../lone-changes';
import { openSource, TABLE } from '../source';
import { eventsOf, type Services } from '../stages';
import type { Target, TargetName } from '../targets';
import { runCli, type CliRun } from '../verify/cli-run';
import { machineCpuSeconds } from './machine';

export interface StepResult {
  readonly name: string;
  readonly rows: number;
  readonly seconds: number;
  /** Of everything on the machine, servers included. */
  readonly cpuSeconds: number;
}

export interface LiveResult {
  readonly name: string;
  readonly delays: Readonly<Record<TargetName, Delay>>;
}

/** What the steps work on. */
export interface Bench {
  readonly rows: number;
  readonly adminUrl: string;
  readonly services: Services;
  readonly targets: readonly Target[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

const sinks = ['mongo-sink', 'redis-sink'] as const;
const LOOK_MS = 500;
const LONE_CHANGES = 2_000;

/** Clocks a command, and what the pipeline does after it. */
export async function measured(name: string, rows: number, work: () => Promise<void>): Promise<StepResult> {
  const [started, cpu] = [performance.now(), machineCpuSeconds()];
  await work();
  return {
    ...{ name, rows },
    seconds: (performance.now() - started) / 1000,
    cpuSeconds: machineCpuSeconds() - cpu,
  };
}

async function command(bench: Bench, args: readonly string[]): Promise<CliRun> {
  bench.signal.throwIfAborted();
  const run = await runCli(args, bench.env);
  if (run.exitCode !== 0)
    throw new Error(`${args.join(' ')} ended with ${run.exitCode}: ${run.output.slice(0, 500)}`);
  return run;
}

const sparkLoad = (slots: number, ...more: string[]) => [
  ...['snapshot', 'start', '--engine', 'spark', '--master', `local[${slots}]`, '--json', ...more],
];

/** The relay loads the table again, rows that both targets hold. */
export async function loadByRelay(bench: Bench): Promise<void> {
  const applied = await fromNow(bench);
  await command(bench, ['snapshot', 'start', '--table', TABLE]);
  await applied();
}

/** Spark does, as fast as it goes or at a rate (rows a second); the start of its server included. */
export async function loadBySpark(bench: Bench, slots: number, rate?: number): Promise<void> {
  const applied = await fromNow(bench);
  await command(bench, sparkLoad(slots, ...(rate === undefined ? [] : ['--rate', String(rate)])));
  await applied();
}

/** Its workers write the targets themselves, and nobody has to follow. */
export async function loadDirectly(bench: Bench, slots: number): Promise<void> {
  await command(bench, sparkLoad(slots, '--via', 'direct'));
}

export async function verifyByNode(bench: Bench): Promise<void> {
  await command(bench, ['verify', '--json']);
}

export async function verifyBySpark(bench: Bench, slots: number): Promise<void> {
  await command(bench, ['verify', '--engine', 'spark', '--master', `local[${slots}]`, '--json']);
}

/** Notes how far the sinks are; the result waits until both have applied all rows since. */
async function fromNow({ rows, services, signal }: Bench): Promise<() => Promise<void>> {
  const counts = () => Promise.all(sinks.map((app) => eventsOf(services[app])));
  const before = await counts();
  return async () => {
    while ((await counts()).some((count, at) => count - before[at]! < rows))
      await sleep(LOOK_MS, undefined, { signal });
  };
}

/** The delay of changes that come alone, on an idle pipeline or beside `work`. */
export async function liveDelays(
  name: string,
  { adminUrl, targets, signal }: Bench,
  firstId: number,
  work?: () => Promise<void>,
): Promise<LiveResult> {
  const source = await openSource(adminUrl);
  try {
    let over = false;
    const working = work?.().finally(() => (over = true));
    working?.catch(() => undefined);
    const changes: LoneChanges = {
      ...{ firstId, signal, changes: work ? Infinity : LONE_CHANGES },
      isOver: () => over,
    };
    const delays = await timeLoneChanges(source, targets, changes);
    await working;
    return { name, delays };
  } finally {
    await source.end();
  }
}
