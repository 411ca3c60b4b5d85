import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '@tributary/kernel';
import { withLock } from '../file-lock';
import type { Say } from './cached';
import { attempt, run, which } from './tools';

export const isDebianLike = () => which('apt-get') !== undefined && which('dpkg') !== undefined;

/** Package lists are one per machine; two concurrent updates would fail on apt's own lock. */
async function updateLists(say: Say): Promise<void> {
  if (process.getuid?.() !== 0) return;
  say('refreshing the package lists (apt-get update)');
  await withLock(join(cacheFolder(), 'apt-update.lock'), async () => {
    await run('Refreshing the package lists', 'apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=300', 'update']);
  });
}

/** The first of the names that this release's package lists hold. */
export async function existingPackage(names: readonly string[], say: Say): Promise<string | undefined> {
  const known = async () => {
    for (const name of names) if ((await attempt('apt-cache', ['show', name])).ok) return name;
    return undefined;
  };
  const found = await known();
  if (found) return found;
  await updateLists(say);
  return known();
}

/** The package and those that it needs and this machine lacks. */
export async function neededPackages(name: string): Promise<string[]> {
  const args = ['-q', '--simulate', '--no-install-recommends', 'install', name];
  const plan = await run(`Asking what ${name} needs`, 'apt-get', args);
  return [...plan.matchAll(/^Inst (\S+)/gm)].map((match) => match[1]!);
}

/**
 * Unpacks Debian packages into `folder` without installing them: nothing on the machine changes, no daemon starts,
 * and root is not needed where the package lists are there.
 */
export async function unpackPackages(packages: readonly string[], folder: string, say: Say): Promise<void> {
  const debs = join(folder, '.debs');
  mkdirSync(debs, { recursive: true });
  const download = () =>
    run(`Downloading ${packages.join(', ')}`, 'apt-get', ['-q', 'download', ...packages], { cwd: debs });
  try {
    await download();
  } catch (error) {
    // Lists that are missing (fresh container) or old (the package was replaced by a newer one): once more with new ones.
    if (process.getuid?.() !== 0) throw error;
    await updateLists(say);
    await download();
  }
  for (const deb of readdirSync(debs)) await run(`Unpacking ${deb}`, 'dpkg', ['-x', join(debs, deb), folder]);
  rmSync(debs, { recursive: true });
}

/** Where a package unpacked under `folder` may have put shared libraries. */
export function libraryFolders(folder: string): string[] {
  const found: string[] = [];
  for (const base of ['lib', 'usr/lib'].map((part) => join(folder, part)).filter(existsSync)) {
    found.push(base);
    for (const entry of readdirSync(base, { withFileTypes: true }))
      if (entry.isDirectory() && entry.name.includes('-linux-')) found.push(join(base, entry.name));
  }
  return found;
}
