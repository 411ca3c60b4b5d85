import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  ensureBuilt,
  listServices,
  serviceNames,
  startService,
  stopService,
  type ServiceName,
} from '@tributary/dev-services';
import { repositoryRoot } from '@tributary/dev-stack';
import { perService, untilAnswers, type PerService, type Services } from './stages';

export interface ServicesOptions {
  /** Folder of pid files and logs. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly profile?: string;
}

export const profileFile = (folder: string, app: ServiceName) => join(folder, `${app}.cpuprofile`);

export function buildServices(say: (line: string) => void): void {
  for (const app of serviceNames) {
    say(`  ${app}`);
    ensureBuilt([app]);
  }
}

/** Starts the readers first and the relay, which begins the load by itself, when they are ready. */
export async function startServices(options: ServicesOptions, beforeRelay: () => void): Promise<Services> {
  const readers = serviceNames.filter((app) => app !== 'trigger-relay');
  const records = await Promise.all(readers.map((app) => start(app, options)));
  beforeRelay();
  const relay = await start('trigger-relay', options, 0);
  await untilAnswers(relay);
  return perService((app) => [relay, ...records].find((record) => record.app === app)!);
}

function start(app: ServiceName, { folder, env, profile }: ServicesOptions, readyWithinMs?: number) {
  const common = { folder, ...(readyWithinMs !== undefined && { readyWithinMs }) };
  if (!profile) return startService(app, { env, ...common });
  mkdirSync(profile, { recursive: true });
  const own = {
    BENCH_BUNDLE: join(repositoryRoot, 'dist/apps', app, 'main.js'),
    BENCH_PROFILE: profileFile(profile, app),
  };
  return startService(app, {
    env: { ...env, ...own },
    ...common,
    entry: join(repositoryRoot, 'tools/bench/profiled-service.mjs'),
  });
}

export async function stopServices(folder: string): Promise<void> {
  await Promise.all((await listServices(folder)).map((record) => stopService(record)));
}

export const pidsOf = (services: Services): PerService<number> => perService((app) => services[app].pid);
