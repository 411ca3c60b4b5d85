import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Table from 'cli-table3';
import { ensureBuilt } from './ensure-built.cjs';
import { sayOnTerminal as say } from '@tributary/dev-stack';
import { waitUntilReady } from './readiness';
import { serviceEnv } from './service-env';
import { listServices, startService, stopService } from './service-process';
import { consoleAddress } from './console-address';
import { readRecords, runningRecords, type ProcessName } from './service-record';

export interface UpOptions {
  readonly copies: number;
  readonly stack: string;
  /** Seconds to wait for readiness. */
  readonly timeout: number;
  /** Of pid files and logs. */
  readonly folder: string;
}

const seconds = (since: number) => `${((Date.now() - since) / 1000).toFixed(1)} s`;

async function reported(what: string, began: number, work: Promise<unknown>): Promise<void> {
  const waiting = setInterval(() => say(`  ${what} is not ready yet (${seconds(began)})`), 5000);
  try {
    await work;
    say(`  ${what} is ready (${seconds(began)})`);
  } finally {
    clearInterval(waiting);
  }
}

/** Brings the number of copies of each app up to `copies`; what runs is left alone. Resolves when all are ready. */
export async function up(
  apps: readonly ProcessName[],
  { copies, stack, timeout, folder }: UpOptions,
): Promise<void> {
  const began = Date.now();
  const running = runningRecords(folder).filter(({ app }) => apps.includes(app));
  const missing = apps.flatMap((app) =>
    Array.from(
      { length: Math.max(0, copies - running.filter((record) => record.app === app).length) },
      () => app,
    ),
  );
  const work: Promise<void>[] = running.map((record) =>
    reported(
      `${record.app} (pid ${record.pid}, runs already)`,
      began,
      waitUntilReady(record, timeout * 1000),
    ),
  );
  if (missing.length) {
    const env = await serviceEnv(stack);
    say(`  building what is stale of ${[...new Set(missing)].join(', ')}`);
    ensureBuilt([...new Set(missing)]);
    for (const app of missing) {
      const record = await startService(app, { env, folder, readyWithinMs: 0 });
      say(`  ${app} started: pid ${record.pid}, http://127.0.0.1:${record.port}`);
      work.push(reported(`${app} (pid ${record.pid})`, began, waitUntilReady(record, timeout * 1000)));
    }
  }
  const failures = (await Promise.allSettled(work)).filter((result) => result.status === 'rejected');
  if (failures.length) throw new Error(failures.map(({ reason }) => (reason as Error).message).join('\n'));
  for (const record of runningRecords(folder))
    if (record.app === 'console' && apps.includes('console')) console.log(consoleAddress(record));
}

/** Stops every copy of the apps at once. */
export async function down(apps: readonly ProcessName[], folder: string): Promise<void> {
  const records = readRecords(folder).filter(({ app }) => apps.includes(app));
  await Promise.all(
    records.map(async (record) => {
      const how = await stopService(record);
      const name = `${record.app} (pid ${record.pid})`;
      if (how === 'killed')
        say(`  warning: ${name} did not end within 15 s of SIGTERM and was killed; log: ${record.log}`);
      else say(`  ${name} ${how === 'gone' ? 'was not running any more' : 'stopped'}`);
    }),
  );
  if (!records.length) say('  nothing of it is running');
}

export async function status(json: boolean, folder: string): Promise<void> {
  const rows = await listServices(folder);
  if (json) {
    console.log(JSON.stringify(rows.map(({ app, pid, port, ready }) => ({ app, pid, port, ready }))));
    return;
  }
  const table = new Table({ head: ['app', 'pid', 'port', 'ready'], style: { head: [], border: [] } });
  for (const { app, pid, port, ready } of rows) table.push([app, pid, port, ready ? 'yes' : 'no']);
  console.log(rows.length ? table.toString() : 'No service runs.');
}

/** Prints the logs of the apps, or follows them until interrupted. */
export async function logs(apps: readonly ProcessName[], follow: boolean, folder: string): Promise<void> {
  const all = existsSync(folder) ? readdirSync(folder).sort() : [];
  const files = all.filter((file) => file.endsWith('.log') && apps.some((app) => file.startsWith(`${app}.`)));
  if (!files.length)
    throw new Error(`There is no log of ${apps.join(', ')} yet; start it with: npm run services -- up`);
  const paths = files.map((file) => join(folder, file));
  if (follow) await once(spawn('tail', ['-n', '50', '-F', ...paths], { stdio: 'inherit' }), 'exit');
  else for (const path of paths) process.stdout.write(readFileSync(path));
}
