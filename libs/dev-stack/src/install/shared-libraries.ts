import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { cached, type Say } from './cached';
import { existingPackage, isDebianLike, libraryFolders, unpackPackages } from './debian';
import { attempt, run, which } from './tools';

/** Which Debian or Ubuntu packages may hold a library; newer releases renamed some (t64), the first that exists wins. */
const packagesOf: Readonly<Record<string, readonly string[]>> = {
  'libaio.so.1': ['libaio1', 'libaio1t64'],
  'libnuma.so.1': ['libnuma1'],
  'liburing.so.2': ['liburing2'],
  'libncurses.so.5': ['libncurses5'],
  'libncurses.so.6': ['libncurses6'],
  'libtinfo.so.5': ['libtinfo5'],
  'libtinfo.so.6': ['libtinfo6'],
  'libpcre2-8.so.0': ['libpcre2-8-0'],
  'libpcre2-32.so.0': ['libpcre2-32-0'],
  'libcap.so.2': ['libcap2'],
  'libsystemd.so.0': ['libsystemd0'],
  'libssl.so.3': ['libssl3', 'libssl3t64'],
  'libcrypto.so.3': ['libssl3', 'libssl3t64'],
  'libcrypt.so.1': ['libcrypt1'],
  'libstdc++.so.6': ['libstdc++6'],
  'libatomic.so.1': ['libatomic1'],
  'libjemalloc.so.2': ['libjemalloc2'],
  'liblzf.so.1': ['liblzf1'],
};

async function missingOf(binary: string, folders: readonly string[]): Promise<string[]> {
  const env = { LD_LIBRARY_PATH: folders.join(':') };
  const { stdout } = await attempt('ldd', [binary], { env });
  return [...stdout.matchAll(/^\s*(\S+) => not found$/gm)].map((match) => match[1] ?? '');
}

async function unpackHolder(library: string, binary: string, folder: string, say: Say): Promise<void> {
  const name = await existingPackage(packagesOf[library] ?? [], say);
  if (!name)
    throw new Error(
      `${binary} needs the shared library ${library}, which is not on this machine; install it and try again.`,
    );
  await unpackPackages([name], folder, say);
  for (const found of libraryFolders(folder))
    if (!existsSync(join(found, library)) && existsSync(join(found, `${library}t64`)))
      symlinkSync(`${library}t64`, join(found, library));
}

/**
 * The environment under which `binary` finds all its shared libraries. Those that the machine lacks are unpacked
 * into the cache, so that the machine itself stays as it is.
 */
export async function withLibraries(binary: string, say: Say): Promise<Record<string, string>> {
  if (!which('ldd')) return {};
  const folders: string[] = [];
  for (
    let missing = await missingOf(binary, folders);
    missing.length;
    missing = await missingOf(binary, folders)
  ) {
    for (const library of missing) {
      if (!isDebianLike())
        throw new Error(
          `${binary} needs the shared library ${library}; install it with your package manager.`,
        );
      const folder = await cached(`lib-${library}`, say, async (draft) => {
        say(`unpacking the shared library ${library}`);
        await unpackHolder(library, binary, draft, say);
      });
      const added = libraryFolders(folder).filter((path) => !folders.includes(path));
      if (!added.length)
        throw new Error(`${binary} still misses ${library} after unpacking it; install it by hand.`);
      folders.push(...added);
    }
  }
  return folders.length ? { LD_LIBRARY_PATH: folders.join(':') } : {};
}

/** The first line a program prints about its version. */
export async function versionOf(
  binary: string,
  env: Record<string, string>,
  args = ['--version'],
): Promise<string> {
  const text = await run(`Asking ${binary} for its version`, binary, args, { env });
  return text.split('\n')[0] ?? '';
}
