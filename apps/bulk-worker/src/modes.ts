import type { TaskWork } from '@tributary/bulk';

/** Opens the work of one kind of tasks. Throws a SyncError. */
type OpenWork = () => Promise<TaskWork<unknown, object>>;

/** The kinds of tasks, loaded when they are named. */
export const modes: Readonly<Record<string, () => Promise<OpenWork>>> = {
  load: async () => (await import('./load')).openLoad as OpenWork,
  'scan-source': async () => (await import('./scan')).openSourceScan as OpenWork,
  'scan-mongo': async () => (await import('./scan')).openTargetScan('mongo') as OpenWork,
  'scan-redis': async () => (await import('./scan')).openTargetScan('redis') as OpenWork,
  'read-file': async () => (await import('./import')).openReadFile as OpenWork,
  'write-rows': async () => (await import('./import')).openWriteRows as OpenWork,
  'check-rows': async () => (await import('./import')).openCheckRows as OpenWork,
  'stored-ids': async () => (await import('./import')).openStoredIds as OpenWork,
};
