import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureBuilt, serviceNames } from '@tributary/dev-services';
import {
  ensureStack,
  resetStack,
  startServer,
  stopServer,
  type StackEnv,
  repositoryRoot,
  stackFolder,
  preferredMongo,
} from '@tributary/dev-stack';
import { createTable } from '../order-row';
import { buildServices, startServices, stopServices } from '../services';
import { DATABASE, openSource, TABLE } from '../source';
import { eventsOf, perService, type PerService, type Services } from '../stages';
import { peakMemoryMb } from '../usage';
import { createLarge } from './large-rows';
import type { MemoryOptions } from './options';
import { scenarios, type Stage } from './scenarios';

const stackName = 'bench-memory';
const folder = join(repositoryRoot, '.tributary/bench-memory');
const servicesFolder = join(folder, 'services');
/** Where to look when a run fails. */
export const memoryLogFolders = [servicesFolder, join(stackFolder(stackName), 'logs')];

const SAY_MS = 5000;
const LOOK_MS = 1000;
const STALL_MS = 300_000;

const syncFile = `topics: { prefix: ${DATABASE}, partitions: 12 }
capture: { schema: tributary_bench }
tables:
  - table: ${DATABASE}.*
`;

export interface MemoryFigure {
  readonly what: string;
  readonly peakMb: PerService<number>;
  readonly seconds: number;
  readonly loadAverage: number;
}

/** Runs the scenarios one after the other on one stack and notes the peaks. */
export class MemoryBench {
  readonly figures: MemoryFigure[] = [];
  #saidAt = 0;
  #services: Services | undefined;
  #startedAt = 0;

  constructor(
    private readonly options: MemoryOptions,
    private readonly say: (line: string) => void,
    private readonly signal: AbortSignal,
  ) {}

  async run(): Promise<void> {
    const servers = await this.#freshServers();
    buildServices(this.say);
    ensureBuilt(['cli']);
    const source = await openSource(servers.ADMIN_MYSQL_URL);
    try {
      await source.query(`CREATE DATABASE ${DATABASE} CHARACTER SET utf8mb4`);
      await source.query(createTable(TABLE));
      await createLarge(source);
      const { MYSQL_URL, KAFKA_BROKERS, MONGODB_URI, REDIS_URL } = servers;
      const env = {
        ...{ PATH: process.env['PATH'], MYSQL_URL, KAFKA_BROKERS, MONGODB_URI, REDIS_URL },
        SYNC_CONFIG: join(folder, 'sync.yaml'),
      };
      const stage = this.#stage(source, servers.ADMIN_MYSQL_URL, env);
      // The first start installs the triggers and loads the empty tables.
      await stage.startServices();
      stage.measure('after the start');
      for (const name of this.options.only) {
        this.say(`Scenario ${name}`);
        await scenarios[name](stage);
      }
    } finally {
      await source.end();
    }
  }

  /** Stops the services and removes the servers with all they stored. */
  async stop(): Promise<void> {
    await stopServices(servicesFolder);
    await resetStack(stackName, () => undefined);
  }

  async #freshServers(): Promise<StackEnv> {
    const { mongo } = this.options;
    await this.stop();
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'sync.yaml'), syncFile);
    // secantus-py takes some 1,000 writes a second: too few for a backlog of millions.
    const kind = mongo !== 'auto' ? mongo : preferredMongo() === 'mongod' ? 'mongod' : 'secantus-rs';
    return ensureStack({ name: stackName, mysql: 'mysql', mongo: kind, forBenchmark: true, say: this.say });
  }

  #stage(source: Stage['source'], sourceUrl: string, env: NodeJS.ProcessEnv): Stage {
    return {
      source,
      sourceUrl,
      rows: this.options.rows,
      say: (line) => this.#progress(line),
      startServices: async () => {
        if (this.#services) return;
        this.#startedAt = performance.now();
        this.#services = await startServices({ folder: servicesFolder, env }, () => undefined);
        await this.#untilReady();
      },
      stopServices: async () => {
        await stopServices(servicesFolder);
        this.#services = undefined;
      },
      stopServer: (server) => stopServer(stackName, server),
      startServer: (server) => startServer(stackName, server),
      finished: (events, apps = serviceNames) => this.#finished(events, apps),
      cli: (...args) => {
        const command = [join(repositoryRoot, 'dist/apps/cli/main.js'), ...args];
        const { status, stderr } = spawnSync(process.execPath, command, { env, encoding: 'utf8' });
        if (status !== 0) throw new Error(`tributary ${args.join(' ')}: ${stderr}`);
      },
      measure: (what) => this.#measure(what),
    };
  }

  async #untilReady(): Promise<void> {
    for (const { port } of Object.values(this.#services!))
      for (;;) {
        this.signal.throwIfAborted();
        const { ok } = await fetch(`http://127.0.0.1:${port}/health/ready`);
        if (ok) break;
        await sleep(200);
      }
  }

  async #finished(events: number, apps: readonly (typeof serviceNames)[number][]): Promise<void> {
    let last = '';
    for (let movedAt = performance.now(); ; await sleep(LOOK_MS, undefined, { signal: this.signal })) {
      const done = await Promise.all(apps.map((app) => eventsOf(this.#services![app])));
      if (done.every((count) => count >= events)) return;
      const now = apps.map((app, at) => `${app} ${done[at]}`).join(', ');
      if (now !== last) movedAt = performance.now();
      last = now;
      this.#progress(`  ${now}`);
      if (performance.now() - movedAt > STALL_MS)
        throw new Error(`No service has moved for ${STALL_MS / 1000} s: ${now} of ${events} events.`);
    }
  }

  #measure(what: string): void {
    const peakMb = perService((app) => peakMemoryMb(this.#services![app].pid));
    const seconds = (performance.now() - this.#startedAt) / 1000;
    this.figures.push({ what, peakMb, seconds, loadAverage: loadavg()[0]! });
    const peaks = serviceNames.map((app) => `${app} ${Math.round(peakMb[app])}`).join(', ');
    this.say(`${what}: ${peaks} MB after ${Math.round(seconds)} s`);
  }

  #progress(line: string): void {
    if (performance.now() - this.#saidAt < SAY_MS) return;
    this.#saidAt = performance.now();
    this.say(line);
  }
}
