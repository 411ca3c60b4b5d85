import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fatal } from '@tributary/kernel';

/** The path of Java: of JAVA_HOME, else of the PATH. */
export function findJava(env: NodeJS.ProcessEnv = process.env): string {
  const home = env['JAVA_HOME'];
  const folders = home ? [join(home, 'bin')] : (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  const found = folders.map((folder) => join(folder, 'java')).find(isExecutable);
  if (found) return found;
  throw fatal(
    'SPARK_JAVA',
    home
      ? `JAVA_HOME is ${home}, where no bin/java can be run: name a Java 17 runtime, or unset the variable.`
      : 'A Spark server of its own needs Java 17, and there is no java on the PATH: install it (Debian: apt-get install openjdk-17-jre-headless), or use a server that runs with --remote.',
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
