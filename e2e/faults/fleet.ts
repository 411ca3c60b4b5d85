import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { repositoryRoot, isAlive } from '@tributary/dev-stack';
import {
  askReady,
  lastMessage,
  waitUntilReady,
  killService,
  startService,
  stopService,
  type ServiceRecord,
} from '@tributary/dev-services';
import { apps, type App } from './schedule';

const WATCH_MS = 200;
/** Runnable processes for each core, past which seconds say nothing of the services (several runs at once). */
const CROWDED_LOAD = 3;
/** As an orchestrator would wait before it starts a container again. */
const RESTART_MS = 1_000;

/**
 * The services of one run as processes, from a copy of the bundles that a build meanwhile does not touch. Restarts
 * what ends by itself, as an orchestrator does, and keeps its last words.
 */
export class Fleet {
  /** Services that ended without having been told to. */
  readonly ownEnds: string[] = [];
  /** Services that did not end within 10 s of SIGTERM, on a machine that had time for them. */
  readonly slowEnds: string[] = [];
  readonly #copies = new Map<App, ServiceRecord<App>[]>(apps.map((app) => [app, []]));
  readonly #watch: NodeJS.Timeout;
  #starting = 0;

  constructor(
    private readonly folder: string,
    private readonly envOf: (app: App) => NodeJS.ProcessEnv,
  ) {
    for (const app of apps)
      cpSync(join(repositoryRoot, 'dist/apps', app), join(folder, 'dist', app), { recursive: true });
    this.#watch = setInterval(() => this.#look(), WATCH_MS);
  }

  async start(app: App): Promise<ServiceRecord<App>> {
    this.#starting += 1;
    try {
      const record = await startService(app, {
        env: {
          ...this.envOf(app),
          NODE_OPTIONS: `--import=${pathToFileURL(join(repositoryRoot, 'e2e/faults/stepped-clock.mjs')).href}`,
          FAULTS_CLOCK: join(this.folder, 'clock'),
        },
        folder: this.folder,
        entry: join(this.folder, 'dist', app, 'main.js'),
        readyWithinMs: 0,
      });
      this.#copies.get(app)!.push(record);
      return record;
    } finally {
      this.#starting -= 1;
    }
  }

  /** A copy that is meant to run; `which` chooses by its remainder. */
  pick(app: App, which: number): ServiceRecord<App> | undefined {
    const copies = this.#copies.get(app)!;
    return copies[which % copies.length];
  }

  async kill(record: ServiceRecord<App>): Promise<void> {
    this.#forget(record);
    await killService(record, 'SIGKILL').catch(() => undefined);
  }

  /** A process that has ended meanwhile is left to the watch. */
  async signal(record: ServiceRecord<App>, signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    await killService(record, signal).catch(() => undefined);
  }

  /** Steps the clock of one process to so many seconds beside the real one; 0 sets it right. */
  stepClock({ pid }: ServiceRecord<App>, seconds: number): void {
    const file = join(this.folder, `clock.${pid}`);
    if (seconds === 0) rmSync(file, { force: true });
    else writeFileSync(file, String(seconds * 1000));
  }

  async stop(record: ServiceRecord<App>): Promise<void> {
    this.#forget(record);
    // Another fault may have stopped it meanwhile, and a stopped process cannot end.
    await this.signal(record, 'SIGCONT');
    const began = Date.now();
    const how = await stopService(record);
    const seconds = (Date.now() - began) / 1000;
    const crowded = loadavg()[0]! > CROWDED_LOAD * availableParallelism();
    if (!crowded && (how === 'killed' || seconds > 10))
      this.slowEnds.push(
        `${record.app} (pid ${record.pid}) took ${seconds.toFixed(1)} s after SIGTERM: ${how}`,
      );
  }

  /** Resolves when at least one copy of each service is there and all copies are ready. */
  async ready(timeoutMs: number): Promise<void> {
    const end = Date.now() + timeoutMs;
    while (this.#starting > 0 || [...this.#copies.values()].some((copies) => copies.length === 0)) {
      if (Date.now() > end) throw new Error(`Not every service runs after ${timeoutMs / 1000} s.`);
      await sleep(WATCH_MS);
    }
    await Promise.all(this.#all().map((record) => waitUntilReady(record, Math.max(1_000, end - Date.now()))));
  }

  /** What each service says of itself. */
  async state(): Promise<string> {
    const lines = this.#all().map(
      async (record) =>
        `${record.app} (pid ${record.pid}): ${(await askReady(record)).detail} | ${lastMessage(record.log)}`,
    );
    return (await Promise.all(lines)).join('\n');
  }

  async close(): Promise<void> {
    clearInterval(this.#watch);
    await Promise.all(this.#all().map((record) => this.stop(record)));
  }

  #all(): ServiceRecord<App>[] {
    return [...this.#copies.values()].flat();
  }

  #forget(record: ServiceRecord<App>): void {
    const left = this.#copies.get(record.app)!.filter(({ pid }) => pid !== record.pid);
    this.#copies.set(record.app, left);
  }

  #look(): void {
    for (const record of this.#all().filter(hasEnded)) {
      this.#forget(record);
      this.ownEnds.push(
        `${new Date().toISOString()} ${record.app} (pid ${record.pid}): ${lastMessage(record.log)}`,
      );
      this.#starting += 1;
      void sleep(RESTART_MS)
        .then(() => this.start(record.app))
        .finally(() => (this.#starting -= 1));
    }
  }
}

const hasEnded = (record: ServiceRecord<App>): boolean => !isAlive(record);
