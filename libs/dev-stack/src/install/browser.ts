import { join } from 'node:path';
import { cached, type Say } from './cached';
import { existingPackage, isDebianLike, libraryFolders, neededPackages, unpackPackages } from './debian';
import { which } from './tools';

/** How Playwright starts a browser. */
export interface BrowserLaunch {
  readonly executablePath: string;
  readonly env: Record<string, string>;
  readonly args: string[];
}

const programs = ['chromium', 'chromium-browser', 'google-chrome', 'chromium-headless-shell'];
const packageName = 'chromium-headless-shell';

/**
 * A Chromium without windows: that of `CHROMIUM_PATH`, one on the PATH, else Debian's, unpacked into the cache. Throws one
 * sentence with the remedy where there is none.
 */
export async function headlessBrowser(say: Say): Promise<BrowserLaunch> {
  const installed = process.env['CHROMIUM_PATH'] ?? programs.map(which).find((path) => path !== undefined);
  const { executablePath, libraries } = installed
    ? { executablePath: installed, libraries: [] }
    : await unpacked(say);
  const env = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return {
    executablePath,
    env: {
      ...Object.fromEntries(env),
      ...(libraries.length && { LD_LIBRARY_PATH: libraries.join(':') }),
    },
    // Chromium refuses its sandbox to root, which is who tests in a container are.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  };
}

async function unpacked(say: Say) {
  const remedy = 'Install Chromium, or set CHROMIUM_PATH to the path of one.';
  if (!isDebianLike())
    throw new Error(`The console's pages are tested in a browser, and there is none. ${remedy}`);
  const folder = await cached('chromium', say, async (draft) => {
    say('unpacking Chromium');
    if (!(await existingPackage([packageName], say)))
      throw new Error(`The package lists of this machine know no ${packageName}. ${remedy}`);
    await unpackPackages(await neededPackages(packageName), draft, say);
  });
  const libraries = libraryFolders(folder).flatMap((path) => [path, join(path, 'pulseaudio')]);
  return { executablePath: join(folder, 'usr/lib/chromium', packageName), libraries };
}
