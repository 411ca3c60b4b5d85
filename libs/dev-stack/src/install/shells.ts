import { join } from 'node:path';
import { cached } from './cached';
import { isDebianLike, unpackPackages } from './debian';
import { withLibraries } from './shared-libraries';
import { which } from './tools';

/** A shell of this machine, or one that was unpacked into the cache. */
export interface ShellProgram {
  readonly file: string;
  /** Under which it finds its libraries. */
  readonly env: Readonly<Record<string, string>>;
  /** Where its own functions are, when they are not where the shell looks. */
  readonly folder: string | undefined;
}

const quiet = () => undefined;

/** For tests of what we write for these shells; `undefined` where there is neither the shell nor Debian's packages. */
export async function shellProgram(shell: 'zsh' | 'fish'): Promise<ShellProgram | undefined> {
  const own = which(shell);
  if (own) return { file: own, env: {}, folder: undefined };
  if (!isDebianLike()) return undefined;
  const folder = await cached(`shell-${shell}`, quiet, (draft) =>
    unpackPackages([shell, `${shell}-common`], draft, quiet),
  );
  const file = join(folder, shell === 'zsh' ? 'bin/zsh' : 'usr/bin/fish');
  return { file, env: await withLibraries(file, quiet), folder };
}
