import {
  ensureBuilt,
  killService,
  listServices,
  serviceNames,
  startService,
  stopService,
  type ProcessName,
  type ServiceName,
  type ServiceRecord,
  waitUntilReady,
} from '@tributary/dev-services';
import type { Pipeline } from './pipeline';
import { unlessAborted } from './unless-aborted';

/** How long a service may take to be ready. */
const READY_MS = 60_000;

/** Builds what is stale of the services, the console and the command line, one after another. */
export function buildAll(onApp?: (app: string) => void): void {
  for (const app of [...serviceNames, 'console', 'cli']) {
    onApp?.(app);
    ensureBuilt([app]);
  }
}

/** Starts one copy of each service at once; resolves when all are ready. */
export async function startServices(
  { env, folder }: Pipeline,
  { apps = serviceNames, signal }: { apps?: readonly ProcessName[]; signal?: AbortSignal } = {},
): Promise<ServiceRecord[]> {
  // All processes are known to `stopServices` before anything here can reject or be aborted.
  const started = await Promise.all(apps.map((app) => startService(app, { env, folder, readyWithinMs: 0 })));
  await untilReady(started, signal);
  return started;
}

/** Waits until started services are ready; rejects with the words of one that ends before. */
export async function untilReady(services: readonly ServiceRecord[], signal?: AbortSignal): Promise<void> {
  const ready = Promise.all(services.map((record) => waitUntilReady(record, READY_MS)));
  await (signal ? unlessAborted(signal, ready) : ready);
}

/** Stops every service of the pipeline; returns those that did not end by themselves within 15 s. */
export async function stopServices({ folder }: Pick<Pipeline, 'folder'>): Promise<ServiceRecord[]> {
  const running = await listServices(folder);
  const killed = await Promise.all(running.map(async (record) => (await stopService(record)) === 'killed'));
  return running.filter((_, at) => killed[at]);
}

/** `kill -9` of every copy of a service, then a fresh copy in the place of each; does not wait until they are ready. */
export async function killAndRestart({ env, folder }: Pipeline, app: ServiceName): Promise<ServiceRecord[]> {
  const copies = (await listServices(folder)).filter((record) => record.app === app);
  await Promise.all(copies.map((record) => killService(record)));
  return Promise.all(copies.map(() => startService(app, { env, folder, readyWithinMs: 0 })));
}
