import { constants, cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cached, type Say } from '../install/cached';

/**
 * The data folder of a server below `folder`. A new one is a copy of `item` in the cache, which `initialise` fills once for a
 * machine: it takes a server many seconds of work, and a copy a fraction of one. The item's name has the server's version.
 */
export async function initialisedData(
  folder: string,
  item: string,
  say: Say,
  initialise: (datadir: string) => Promise<void>,
): Promise<string> {
  const data = join(folder, 'data');
  if (existsSync(data)) return data;
  const template = await cached(item, say, async (place) => {
    say('initialising the data folder');
    const datadir = join(place, 'data');
    mkdirSync(datadir);
    await initialise(datadir);
  });
  const draft = join(folder, 'data.part');
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(join(template, 'data'), draft, { recursive: true, mode: constants.COPYFILE_FICLONE });
  renameSync(draft, data);
  return data;
}
