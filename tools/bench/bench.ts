import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { resetStack, type StackEnv, loadState } from '@tributary/dev-stack';
import { measureFloors } from './floors';
import { timeLoneChanges } from './lone-changes';
import type { BenchOptions } from './options';
import { benchServers, type BenchResult, type PhaseResult } from './result';
import { folder, freshServers, servicesFolder, stackName } from './servers';
import { buildServices, pidsOf, startServices, stopServices } from './services';
import { countSource, DATABASE, fillSource, openSource, sampleSource } from './source';
import { perService, StageWatch, type PerService, type Services, type StageTime } from './stages';
import { openMongo, openRedis, type Target } from './targets';
import { CpuClock, cpuSeconds, peakMemoryMb } from './usage';
import { writeChanges } from './writers';

const LONE_CHANGES = 100;
const SAMPLE_ROWS = 1000;
const IDLE_SECONDS = 10;
const SAY_MS = 3000;

/** One run: servers of its own, the load, the stream, lone changes, an idle relay, the floors. */
export class Bench {
  #saidAt = 0;

  constructor(
    private readonly options: BenchOptions,
    private readonly say: (line: string) => void,
    private readonly signal: AbortSignal,
  ) {}

  /** Rejects with one sentence when a step fails or `signal` aborts; stops nothing at the end. */
  async run(): Promise<BenchResult> {
    const { options, say, signal } = this;
    const { rows, changes, writers } = options;
    await this.stop();
    const servers = await freshServers(options.mongo, say);
    say('Build');
    buildServices(say);
    signal.throwIfAborted();
    say(`Table of ${rows} rows`);
    await fillSource(servers.ADMIN_MYSQL_URL, rows, (done) => this.#progress(`  ${done} rows`));
    const targets = [await openMongo(servers.MONGODB_URI), await openRedis(servers.REDIS_URL)];
    const source = await openSource(servers.ADMIN_MYSQL_URL);
    try {
      say('Load: from the start of the relay until both targets hold every row');
      const { services, load } = await this.#load(servers);
      say(`Stream: ${changes} changes by ${writers} connections`);
      const stream = await this.#stream(servers, services);
      say('Compare counts and a sample');
      const held = await countSource(source);
      const compared = await this.#compare(targets, held, await sampleSource(source, SAMPLE_ROWS, rows));
      say(`${LONE_CHANGES} lone changes`);
      const firstId = 2 * (rows + changes) + 1000;
      const lone = await timeLoneChanges(source, targets, { firstId, changes: LONE_CHANGES, signal });
      say(`Idle relay, ${IDLE_SECONDS} s`);
      const idleRelayPercent = await this.#idlePercent(services['trigger-relay'].pid);
      if (!options.keep) await stopServices(servicesFolder);
      const floors = options.floors && (await this.#floors(servers));
      const state = loadState(stackName);
      return {
        rows,
        node: process.version,
        cores: cpus().length,
        versions: byServer((name) => state?.servers[name]?.version ?? '?'),
        ...{ load, stream, lone, idleRelayPercent, compared },
        ...(floors && { floors }),
      };
    } finally {
      await Promise.all([source.end(), ...targets.map((target) => target.close())]);
    }
  }

  /** Stops the services and removes the servers with all they stored. */
  async stop(): Promise<void> {
    await stopServices(servicesFolder);
    await resetStack(stackName, () => undefined);
  }

  async #load(servers: StackEnv): Promise<{ services: Services; load: PhaseResult }> {
    const { rows, profile } = this.options;
    const { MYSQL_URL, KAFKA_BROKERS, MONGODB_URI, REDIS_URL } = servers;
    const addresses = { MYSQL_URL, KAFKA_BROKERS, MONGODB_URI, REDIS_URL };
    const env = { PATH: process.env['PATH'], ...addresses, SYNC_CONFIG: join(folder, 'sync.yaml') };
    let phase!: Phase;
    const services = await startServices({ folder: servicesFolder, env, ...(profile && { profile }) }, () => {
      phase = new Phase();
    });
    // What the services used up to here was their start.
    phase.clock(services);
    const watch = StageWatch.fromZero(services);
    const stages = await watch.until(() => rows, this.#stageProgress(), this.signal);
    return { services, load: phase.result(services, stages, rows) };
  }

  async #stream(servers: StackEnv, services: Services): Promise<BenchResult['stream']> {
    const { rows, changes, writers } = this.options;
    const phase = new Phase();
    phase.clock(services);
    const watch = await StageWatch.start(services);
    let committed: number | undefined;
    const writing = writeChanges(servers.ADMIN_MYSQL_URL, {
      ...{ changes, writers, rows, signal: this.signal },
      onProgress: () => undefined,
    }).then((written) => {
      committed = written.changes;
      return written;
    });
    const [written, stages] = await Promise.all([
      writing,
      watch.until(() => committed, this.#stageProgress(), this.signal),
    ]);
    return {
      ...phase.result(services, stages, written.changes),
      commits: written.commits,
      commitSeconds: written.seconds,
    };
  }

  async #compare(targets: readonly Target[], held: number, sample: readonly (readonly (string | null)[])[]) {
    for (const target of targets) {
      const count = await target.count();
      if (count !== held) throw new Error(`${target.name} holds ${count} rows, MySQL ${held}.`);
      const differing = await target.differing(sample);
      if (differing.length > 0)
        throw new Error(
          `${target.name} holds ${differing.length} sampled rows otherwise, e.g. id ${differing[0]}.`,
        );
    }
    return sample.length;
  }

  async #idlePercent(pid: number): Promise<number> {
    await sleep(2000, undefined, { signal: this.signal });
    const [before, startedAt] = [cpuSeconds(pid), performance.now()];
    await sleep(IDLE_SECONDS * 1000, undefined, { signal: this.signal });
    return ((cpuSeconds(pid) - before) / (performance.now() - startedAt)) * 100_000;
  }

  #floors(servers: StackEnv) {
    this.say('Floors: plain driver loops');
    return measureFloors({ servers, rows: this.options.rows, topic: `${DATABASE}.changes`, say: this.say });
  }

  #stageProgress(): (done: PerService<number>) => void {
    return (done) =>
      this.#progress(
        `  ${Object.entries(done)
          .map(([app, events]) => `${app} ${events}`)
          .join(', ')}`,
      );
  }

  #progress(line: string): void {
    if (performance.now() - this.#saidAt < SAY_MS) return;
    this.#saidAt = performance.now();
    this.say(line);
  }
}

const byServer = <T>(of: (name: (typeof benchServers)[number]) => T) =>
  Object.fromEntries(benchServers.map((name) => [name, of(name)])) as Record<
    (typeof benchServers)[number],
    T
  >;

/** Clocks of a phase. */
class Phase {
  readonly #startedAt = performance.now();
  readonly #load = loadavg()[0]!;
  readonly #servers = new CpuClock(
    byServer((name) => loadState(stackName)?.servers[name]?.process?.pid ?? 0),
  );
  #services: CpuClock<keyof Services> | undefined;

  /** Starts the clocks of the services. */
  clock(services: Services): void {
    this.#services = new CpuClock(pidsOf(services));
  }

  result(services: Services, stages: PerService<StageTime>, events: number): PhaseResult {
    return {
      events,
      seconds: (performance.now() - this.#startedAt) / 1000,
      stages,
      cpu: this.#services!.elapsed(),
      serverCpu: this.#servers.elapsed(),
      peakMb: perService((app) => peakMemoryMb(services[app].pid)),
      load: [this.#load, loadavg()[0]!],
    };
  }
}
