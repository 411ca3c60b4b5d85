import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fatal, namePattern } from '@tributary/kernel';

/**
 * The files that a path means, whose last part may have `*` for any characters; in the order of their names. Throws a fatal
 * SyncError when there is none.
 */
export function matchingFiles(pattern: string): string[] {
  const [folder, name] = [dirname(resolve(pattern)), basename(pattern)];
  if (folder.includes('*'))
    throw fatal('FILE', `${pattern}: only the name of the files may have *, not that of a folder.`);
  const files = namesIn(folder, pattern)
    .filter((one) => namePattern(name).test(one))
    .sort()
    .map((one) => join(folder, one))
    .filter((path) => statSync(path).isFile());
  if (files.length === 0) throw fatal('FILE', `No file is there of the name ${pattern}.`);
  return files;
}

function namesIn(folder: string, pattern: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw fatal(
      'FILE',
      `The folder of ${pattern} cannot be read (${(error as NodeJS.ErrnoException).code}).`,
      error,
    );
  }
}
