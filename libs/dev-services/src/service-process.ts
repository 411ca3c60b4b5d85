import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  startDetached,
  withLock,
  repositoryRoot,
  pickPort,
  isAlive,
  signal as send,
  terminate,
  waitForEnd,
} from '@tributary/dev-stack';
import { askReady, waitUntilReady } from './readiness';
import { memoryEnv, withoutForeign } from './service-env';
import {
  defaultFolder,
  logFile,
  readRecords,
  removeRecord,
  runningRecords,
  saveRecord,
  type ProcessName,
  type ServiceRecord,
} from './service-record';

export interface StartOptions {
  /** The whole environment of the process; PORT and HTTP_HOST are added. Default: this process's own. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Default: a free one. */
  readonly port?: number;
  /** Folder of pid files and logs. Default: that of `npm run services`. */
  readonly folder?: string;
  /** How long to wait for readiness, milliseconds; 0 does not wait. Default 60,000. */
  readonly readyWithinMs?: number;
  /** The program to run with node. Default: the built bundle. */
  readonly entry?: string;
}

/** Where the build puts the program of an app. */
const bundleOf = (app: ProcessName) => join(repositoryRoot, 'dist/apps', app, 'main.js');

/** Ports given out by this process whose service may not listen yet. */
const promised = new Set<number>();

async function launch<App extends ProcessName>(app: App, options: StartOptions): Promise<ServiceRecord<App>> {
  const { env = process.env, folder = defaultFolder, entry = bundleOf(app) } = options;
  if (!existsSync(entry))
    throw new Error(`${app} is not built: ${entry} is missing; run: npx nx run ${app}:build`);
  mkdirSync(folder, { recursive: true });
  for (const dead of readRecords(folder).filter((record) => !isAlive(record))) removeRecord(dead);
  const copies = new Set(
    readdirSync(folder).filter((file) => file.startsWith(`${app}.`) && file.endsWith('.pid')),
  );
  let copy = 1;
  while (copies.has(`${app}.${copy}.pid`)) copy++;
  const port =
    options.port ?? (await pickPort([...promised, ...readRecords(folder).map((record) => record.port)]));
  promised.add(port);
  const log = logFile(folder, app, copy);
  const own = { ...memoryEnv, HTTP_HOST: '127.0.0.1', ...withoutForeign(env), PORT: String(port) };
  const id = startDetached(process.execPath, [entry], { cwd: repositoryRoot, env: own, log });
  const record: ServiceRecord<App> = { ...id, app, copy, port, log, folder };
  saveRecord(record);
  return record;
}

/**
 * Starts one more copy of a built service as a process of its own, which outlives this one, and waits until it is
 * ready. Rejects with the service's own last message when it ends early.
 */
export async function startService<App extends ProcessName>(
  app: App,
  options: StartOptions = {},
): Promise<ServiceRecord<App>> {
  const { folder = defaultFolder, readyWithinMs = 60_000 } = options;
  const record = await withLock(`${folder}.lock`, () => launch(app, options));
  if (readyWithinMs > 0) await waitUntilReady(record, readyWithinMs);
  return record;
}

/** SIGTERM, at most `graceMs` (default 15,000) of waiting, then SIGKILL. Only ever touches what was started here. */
export async function stopService(
  record: ServiceRecord,
  graceMs = 15_000,
): Promise<'gone' | 'stopped' | 'killed'> {
  const how = await terminate(record, graceMs);
  removeRecord(record);
  return how;
}

/**
 * For fault tests: sends a copy a signal (SIGKILL, SIGSTOP, SIGCONT, ...); waits for the end after SIGKILL.
 * Rejects when that process is gone already.
 */
export async function killService(record: ServiceRecord, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  if (!send(record, signal)) throw new Error(`${record.app} (pid ${record.pid}) does not run any more.`);
  if (signal === 'SIGKILL') {
    await waitForEnd(record, 10_000);
    removeRecord(record);
  }
}

export interface ServiceStatus extends ServiceRecord {
  readonly ready: boolean;
}

/** The copies that run now, each with the answer of its `/health/ready`. */
export async function listServices(folder = defaultFolder): Promise<ServiceStatus[]> {
  return Promise.all(
    runningRecords(folder).map(async (record) => ({ ...record, ready: (await askReady(record)).ready })),
  );
}
