import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { consoleAddress, listServices } from '@tributary/dev-services';
import {
  ensureStack,
  readStackEnv,
  resetStack,
  stopStack,
  type StackEnv,
  repositoryRoot,
  stackFolder,
  shellLine,
} from '@tributary/dev-stack';
import type { DemoOptions } from './options';
import type { Progress } from './progress';
import type { DemoResult } from './result';
import { countDeadLetters } from './steps/dead-letters';
import { waitUntilIdle } from './steps/idle';
import { waitForInitialLoad } from './steps/initial-load';
import { Kills } from './steps/kills';
import { probeLone, runLive } from './steps/live';
import { pipelineOn, type Pipeline } from './steps/pipeline';
import { buildAll, startServices, stopServices } from './steps/services';
import type { TableCounts } from '@tributary/gh-archive';
import { createSchema, DEFAULT_ROWS, loadSource } from './steps/source';
import { openTargets, refuseForeignRows, targetNames, type Target } from './steps/targets';
import { tributaryOk } from './steps/tributary';
import { unlessAborted } from './steps/unless-aborted';
import { verifyTargets } from './steps/verify';

const stackName = 'demo';
/** All that the demo keeps beside its servers. */
export const demoFolder = join(repositoryRoot, '.tributary/demo');
const folder = join(demoFolder, 'services');
/** Where to look when a run fails. */
export const logFolders = [folder, join(stackFolder(stackName), 'logs')];
/** Timed changes: among the live ones, and alone. */
const MARKS = 200;
const LONE_PROBES = 100;

/** The steps of one run, in order, each of which needs what the ones before it made. */
export class Demo {
  readonly #startedAt = performance.now();

  constructor(
    private readonly options: DemoOptions,
    private readonly progress: Progress,
    private readonly signal: AbortSignal,
  ) {}

  /** Runs all steps; rejects with one sentence when one fails or `signal` aborts. Stops nothing at the end. */
  async run(): Promise<DemoResult> {
    const { progress, options, signal } = this;
    progress.step('Servers');
    const servers = await unlessAborted(signal, this.#freshServers());
    progress.step('Build');
    buildAll((app) => progress.say(`  ${app}`));
    signal.throwIfAborted();
    const pipeline = pipelineOn(servers, { folder });
    const targets = await openTargets(pipeline);
    try {
      await refuseForeignRows(targets);
      progress.step('Sample database: GitHub users and repositories');
      const loadedAt = performance.now();
      const loaded = await this.#fill(pipeline);
      const sourceSeconds = (performance.now() - loadedAt) / 1000;
      const rows = loaded.users + loaded.repositories;

      progress.step('Capture, and the four services');
      progress.say(await tributaryOk(pipeline, ['capture', 'install'], { signal }));
      const services = await startServices(pipeline, { signal });
      for (const { app, pid, port } of services)
        progress.say(`  ${app}: pid ${pid}, http://127.0.0.1:${port}`);

      progress.step('Initial load into both targets');
      const loadSeconds = await progress.metered(targetNames, rows, (meters) =>
        waitForInitialLoad(targets, loaded, {
          signal,
          onProgress: (target, at) => meters[target].update(at),
        }),
      );

      progress.step(`Live changes${options.kill ? ', with kill -9 of each service' : ''}`);
      const live = await this.#live(pipeline, targets);

      progress.step('Lone changes, one at a time');
      const lone = await progress.metered(['probes'], LONE_PROBES, ({ probes }) =>
        probeLone(pipeline, targets, LONE_PROBES, { signal, onProgress: (at) => probes.update(at) }),
      );

      progress.step('Wait until every stage is idle, then compare every row in both targets');
      const say = progress.everyFewSeconds();
      await waitUntilIdle(pipeline, {
        signal,
        onWaiting: (events) => say(`  ${events} events on their way`),
      });
      const verdict = await verifyTargets(pipeline, { signal, showProgress: true });
      const deadLetters = await countDeadLetters(pipeline);
      const seconds = (performance.now() - this.#startedAt) / 1000;
      return {
        loaded,
        sourceSeconds,
        loadSeconds,
        live,
        lone,
        verdict,
        deadLetters,
        killed: options.kill,
        seconds,
      };
    } finally {
      await Promise.all(targets.map((target) => target.close()));
    }
  }

  /** Stops what runs of the demo; what is stored stays for a look until the next run. */
  async stop(): Promise<void> {
    for (const { app, pid, log } of await stopServices({ folder }))
      this.progress.say(`  warning: ${app} (pid ${pid}) did not end within 15 s of SIGTERM; log: ${log}`);
    await stopStack(stackName, () => undefined);
  }

  /** Starts the console beside what goes on running; answers what runs, and how to use and to stop it. */
  async keep(): Promise<string> {
    const services = (await listServices(folder)).map(
      ({ app, port }) => `  ${app.padEnd(14)} http://127.0.0.1:${port}`,
    );
    const addresses = await readStackEnv(stackName);
    const servers = Object.entries(addresses).map(([name, url]) => `  ${shellLine(name, url)}`);
    const [console] = await startServices(pipelineOn(addresses, { folder }), { apps: ['console'] });
    return [
      `Console: ${consoleAddress(console!)}`,
      'Everything goes on running.',
      'Services (/health/ready, /metrics, /info):',
      ...services,
      'Servers:',
      ...servers,
      `Use them:   set -a; eval "$(npm run -s stack -- env --name ${stackName})"; set +a; npm run tributary -- status`,
      'Stop them:  npm run demo -- --stop',
    ].join('\n');
  }

  async #freshServers(): Promise<StackEnv> {
    const { mysql, provider } = this.options;
    await stopServices({ folder });
    rmSync(folder, { recursive: true, force: true });
    await resetStack(stackName, () => undefined);
    this.signal.throwIfAborted();
    return ensureStack({
      name: stackName,
      mysql,
      ...(provider && { provider }),
      say: (line) => this.progress.say(line),
    });
  }

  async #fill(pipeline: Pipeline): Promise<TableCounts> {
    const { rows, file } = this.options;
    await createSchema(pipeline);
    const load = (onProgress?: (rows: number) => void) =>
      loadSource(pipeline, {
        ...(rows !== undefined && { rows }),
        ...(file && { archive: file }),
        ...(onProgress && { onProgress }),
        warn: (message) => this.progress.say(`  warning: ${message}`),
        signal: this.signal,
      });
    const counts = await this.progress.metered(
      ['rows'],
      rows ?? (file ? undefined : DEFAULT_ROWS),
      (meters) => load((written) => meters.rows.update(written)),
    );
    this.progress.say(`  ${counts.users} users and ${counts.repositories} repositories`);
    return counts;
  }

  #live(pipeline: Pipeline, targets: readonly Target[]) {
    const { changes, rate, kill } = this.options;
    const { signal, progress } = this;
    const kills = kill ? new Kills(pipeline, changes, (line) => progress.say(`  ${line}`)) : undefined;
    const say = progress.everyFewSeconds();
    return progress.metered(['changes'], changes, async (meters) => {
      const result = await runLive(pipeline, targets, {
        changes,
        marks: Math.min(MARKS, changes),
        ...(rate > 0 && { perSecond: rate }),
        signal,
        onWaiting: (waiting) => say(`  all are committed, ${waiting} timed ones are on their way`),
        // After a kill a consumer group waits for its dead member first.
        timeoutMs: kill ? 180_000 : 60_000,
        onProgress: (done) => {
          meters.changes.update(done);
          kills?.at(done);
        },
      });
      await kills?.settled(signal);
      return result;
    });
  }
}
