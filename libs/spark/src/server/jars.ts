import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, fatal } from '@tributary/kernel';
import { sparkCacheItem, SPARK_VERSION } from './artifacts';

/**
 * The folder of Spark's jars: of the installation that SPARK_HOME names, else of our own cache. Throws a SyncError that
 * says how to get them.
 */
export function sparkJars(env: NodeJS.ProcessEnv = process.env): string {
  const home = env['SPARK_HOME'];
  const folder = join(home || join(cacheFolder(env), sparkCacheItem), 'jars');
  if (filesOf(folder).some((name) => /^spark-connect_2\.\d+-\d/.test(name))) return folder;
  throw fatal(
    'SPARK_JARS',
    home
      ? `SPARK_HOME is ${home}, where jars/ has no Connect server: name a folder of Spark ${SPARK_VERSION} whose jars/ has spark-connect, or unset the variable.`
      : `A Spark server of its own needs Spark's jars, which are not here: run "npm run stack -- up --spark" once, or set SPARK_HOME to an installation of Spark ${SPARK_VERSION}.`,
  );
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
