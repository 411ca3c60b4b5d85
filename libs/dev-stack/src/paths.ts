import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repositoryRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

/** Folder of all stacks: data, logs, pid files and state; git-ignored. */
export const stacksFolder = join(repositoryRoot, '.tributary/stack');

/** Folder of one named stack. The name becomes a file name, so only plain ones are let in. */
export function stackFolder(name: string): string {
  if (!/^[a-z0-9][a-z0-9_-]{0,31}$/.test(name))
    throw new Error(
      `"${name}" cannot name a stack: use 1 to 32 lower-case letters, digits, "-" or "_", starting with a letter or digit.`,
    );
  return join(stacksFolder, name);
}

/** A Unix socket's path may have about 100 bytes at most; the repository's own path can be longer than that. */
export function socketPath(name: string, server: string): string {
  const id = createHash('sha256').update(stackFolder(name)).digest('hex').slice(0, 12);
  return join(tmpdir(), `tributary-${id}-${server}.sock`);
}
