import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, repositoryRoot, type ProcessId } from '@tributary/dev-stack';
import { sinkApps } from '@tributary/sync-config';

/** The stages of the pipeline. */
export const serviceNames = ['trigger-relay' as const, 'validator' as const, ...sinkApps];
export type ServiceName = (typeof serviceNames)[number];

/** All that can be started: the stages, and the console beside them. */
export const processNames = [...serviceNames, 'console' as const];
export type ProcessName = (typeof processNames)[number];

/** One started copy of a service. Its pid file holds this as JSON, so that it can be told from a later process. */
export interface ServiceRecord<App extends ProcessName = ProcessName> extends ProcessId {
  readonly app: App;
  /** 1, 2, ... among the copies of the same service. */
  readonly copy: number;
  readonly port: number;
  readonly log: string;
  /** Folder of pid files and logs that it belongs to. */
  readonly folder: string;
}

/** Folder of the services that `npm run services` starts; git-ignored. Tests and the demo may name others. */
export const defaultFolder = join(repositoryRoot, '.tributary/services');

const pidFile = ({ folder, app, copy }: Pick<ServiceRecord, 'folder' | 'app' | 'copy'>) =>
  join(folder, `${app}.${copy}.pid`);
export const logFile = (folder: string, app: ProcessName, copy: number) => join(folder, `${app}.${copy}.log`);

export function saveRecord(record: ServiceRecord): void {
  mkdirSync(record.folder, { recursive: true });
  const draft = `${pidFile(record)}.part`;
  writeFileSync(draft, JSON.stringify(record) + '\n');
  renameSync(draft, pidFile(record));
}

export const removeRecord = (record: ServiceRecord) => rmSync(pidFile(record), { force: true });

/** Everything that was started in `folder` and not stopped, whether it still runs or died since. */
export function readRecords(folder: string): ServiceRecord[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.pid'))
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as ServiceRecord)
    .sort((a, b) => processNames.indexOf(a.app) - processNames.indexOf(b.app) || a.copy - b.copy);
}

export const runningRecords = (folder: string) => readRecords(folder).filter((record) => isAlive(record));
