import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached, type Say } from '../install/cached';
import { isDebianLike, unpackPackages } from '../install/debian';
import { versionOf, withLibraries } from '../install/shared-libraries';
import { run, which } from '../install/tools';
import { initialisedData } from './initialised-data';
import { asRoot, commonOptions } from './mysql-options';
import type { NativeServer } from './server';

interface Mariadbd {
  readonly binary: string;
  readonly base: string;
  readonly env: Record<string, string>;
}

async function install(say: Say): Promise<Mariadbd> {
  const own = which('mariadbd');
  if (own && existsSync('/usr/share/mysql/mysql_system_tables.sql'))
    return { binary: own, base: '/usr', env: {} };
  if (!isDebianLike())
    throw new Error(
      'MariaDB is not installed: install it so that mariadbd is on the PATH (for example: brew install mariadb), or start a Docker engine.',
    );
  const root = await cached('mariadb', say, async (folder) => {
    say('fetching MariaDB from the Debian packages');
    await unpackPackages(['mariadb-server-core'], folder, say);
  });
  const binary = join(root, 'usr/sbin/mariadbd');
  return { binary, base: join(root, 'usr'), env: await withLibraries(binary, say) };
}

/** What mariadb-install-db feeds to the server; that script is not used as it needs programs of other packages. */
function systemTables(base: string): string {
  const scripts = [
    'mysql_system_tables.sql',
    'mysql_performance_tables.sql',
    'mysql_system_tables_data.sql',
    'fill_help_tables.sql',
    'maria_add_gis_sp_bootstrap.sql',
    'mysql_sys_schema.sql',
  ];
  return [
    'CREATE DATABASE IF NOT EXISTS mysql;\nUSE mysql;\nSET @auth_root_socket=NULL;\n',
    ...scripts.map((script) => readFileSync(join(base, 'share/mysql', script), 'utf8')),
    // Without this, root of 127.0.0.1, ::1 and the host's own name would be there without a password.
    "DELETE FROM mysql.global_priv WHERE User='' OR (User='root' AND Host<>'localhost');\n",
    "DELETE FROM mysql.proxies_priv WHERE Host<>'localhost';\n",
  ].join('\n');
}

export const mariadbServer: NativeServer = {
  name: 'mariadb',
  graceMs: 40_000,
  async prepare(context) {
    const { folder, say } = context;
    const { binary, base, env } = await install(say);
    const common = ['--no-defaults', `--basedir=${base}`, `--lc-messages-dir=${join(base, 'share/mysql')}`];
    const version =
      /\bVer (\d+\.\d+\.\d+)/.exec(await versionOf(binary, env, ['--no-defaults', '--version']))?.[1] ?? '';
    const data = await initialisedData(folder, `mariadb-${version}-data`, say, async (datadir) => {
      const bootstrap = [
        '--bootstrap',
        '--log-warnings=0',
        '--enforce-storage-engine=',
        '--max-allowed-packet=8M',
      ];
      await run(
        'Initialising MariaDB',
        binary,
        [...common, ...asRoot(), ...bootstrap, `--datadir=${datadir}`],
        {
          env,
          input: systemTables(base),
        },
      );
    });
    return {
      command: binary,
      args: [...common, `--datadir=${data}`, ...commonOptions(context, 2)],
      env,
      version,
    };
  },
};
