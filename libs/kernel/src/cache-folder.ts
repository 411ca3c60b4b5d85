import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Programs that Tributary fetched for itself; one folder for all clones of the repository, so it lies outside of them. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return resolve(
    env['TRIBUTARY_CACHE'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'tributary'),
  );
}
