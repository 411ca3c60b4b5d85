import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ensureStack,
  type StackEnv,
  repositoryRoot,
  stackFolder,
  preferredMongo,
} from '@tributary/dev-stack';
import type { BenchOptions } from './options';
import { syncFile } from './targets';

export const stackName = 'bench';
export const folder = join(repositoryRoot, '.tributary/bench');
export const servicesFolder = join(folder, 'services');
/** Where to look when a run fails. */
export const logFolders = [servicesFolder, join(stackFolder(stackName), 'logs')];

/** Servers of the benchmark's own, and its sync file; what ran before must be stopped. */
export async function freshServers(
  mongo: BenchOptions['mongo'],
  say: (line: string) => void,
): Promise<StackEnv> {
  rmSync(servicesFolder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'sync.yaml'), syncFile);
  const preferred = preferredMongo();
  // secantus-py is no server to measure with: it takes some 1,000 writes a second.
  const kind = mongo !== 'auto' ? mongo : preferred === 'mongod' ? 'mongod' : 'secantus-rs';
  if (kind === 'secantus-rs' && preferred !== 'secantus-rs')
    say(
      'There is neither mongod nor secantusd-rs here: cargo may have to build the latter (some minutes, once)',
    );
  return ensureStack({ name: stackName, mysql: 'mysql', mongo: kind, forBenchmark: true, say });
}
