import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '@tributary/kernel';
import { withLock } from '../file-lock';

export type Say = (line: string) => void;

/**
 * The folder `item` of the cache, made by `fill` when it is missing. `fill` works in a folder of its own that gets
 * its final name only when complete, and one process at a time does so: a try that was cut off leaves no trace.
 */
export async function cached(
  item: string,
  say: Say,
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(cacheFolder(), item);
  if (existsSync(folder)) return folder;
  const waiting = (pid: number) => say(`another process (pid ${pid}) is installing it; waiting`);
  await withLock(
    `${folder}.lock`,
    async () => {
      if (existsSync(folder)) return;
      const drafts = `${item}.part-`;
      mkdirSync(cacheFolder(), { recursive: true });
      for (const left of readdirSync(cacheFolder()))
        if (left.startsWith(drafts)) rmSync(join(cacheFolder(), left), { recursive: true, force: true });
      const draft = mkdtempSync(join(cacheFolder(), drafts));
      try {
        await fill(draft);
        renameSync(draft, folder);
      } catch (error) {
        rmSync(draft, { recursive: true, force: true });
        throw error;
      }
    },
    waiting,
  );
  return folder;
}
