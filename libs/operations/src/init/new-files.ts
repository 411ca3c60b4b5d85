import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorText, fatal } from '@tributary/kernel';

export interface NewFile {
  readonly path: string;
  readonly text: string;
  /** Readable by the owner alone. */
  readonly secret?: boolean;
}

/** Throws a fatal SyncError `EXISTS` that names those of the files that are there already. */
export function refuseExisting(paths: readonly string[]): void {
  const there = paths.filter((path) => existsSync(path));
  if (there.length > 0)
    throw fatal(
      'EXISTS',
      `${there.join(', ')} ${there.length === 1 ? 'is' : 'are'} there already, and nothing was written: move ${there.length === 1 ? 'it' : 'them'} away, or name another folder with --out.`,
    );
}

/** Writes all of the files or none, and never over one that is there. Throws a fatal SyncError `EXISTS` or `FILE`. */
export function writeNewFiles(files: readonly NewFile[]): void {
  refuseExisting(files.map(({ path }) => path));
  const written: string[] = [];
  try {
    for (const { path, text, secret } of files) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text, { flag: 'wx', mode: secret ? 0o600 : 0o644 });
      written.push(path);
    }
  } catch (error) {
    for (const path of written) rmSync(path);
    throw fatal('FILE', `Nothing was written: ${errorText(error)}.`, error);
  }
}
