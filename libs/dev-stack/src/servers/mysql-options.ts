import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificateFiles } from '../certificates';
import { socketPath } from '../paths';
import type { ServerContext } from './server';

/** Both refuse to run as root unasked. */
export const asRoot = (): string[] => (process.getuid?.() === 0 ? ['--user=root'] : []);

/** Options that MySQL and MariaDB have in common. Durability is lowered to what a kill of the process survives. */
export function commonOptions(context: ServerContext, serverId: number): string[] {
  const socket = socketPath(
    context.stack.name,
    context.stack.servers.mysql === context.record ? 'mysql' : 'mariadb',
  );
  // MySQL refuses a socket whose lock names a pid that exists, even that of its own unreaped, killed predecessor.
  rmSync(`${socket}.lock`, { force: true });
  // MariaDB empties its folder of temporary tables at start, and would take those of another stack's server along.
  const temporary = join(context.folder, 'tmp');
  mkdirSync(temporary, { recursive: true });
  return [
    ...asRoot(),
    `--port=${context.record.port}`,
    '--bind-address=127.0.0.1',
    `--socket=${socket}`,
    `--tmpdir=${temporary}`,
    `--pid-file=${join(context.folder, 'server.pid')}`,
    '--skip-name-resolve',
    '--character-set-server=utf8mb4',
    `--server-id=${serverId}`,
    '--log-bin=binlog',
    '--binlog-format=ROW',
    '--max-binlog-size=256M',
    '--binlog-expire-logs-seconds=86400',
    '--sync-binlog=0',
    '--log-bin-trust-function-creators=1',
    '--innodb-flush-log-at-trx-commit=2',
    '--innodb-autoinc-lock-mode=2',
    '--innodb-buffer-pool-size=512M',
    '--max-allowed-packet=64M',
    '--max-connections=400',
    '--local-infile=1',
    `--init-file=${writeInitFile(context)}`,
    ...tlsOptions(context),
  ];
}

function tlsOptions({ stack }: ServerContext): string[] {
  if (!stack.secure) return [];
  const { ca, serverCert, serverKey } = certificateFiles(stack.name);
  const files = [`--ssl-ca=${ca}`, `--ssl-cert=${serverCert}`, `--ssl-key=${serverKey}`];
  return [...files, '--require-secure-transport=ON'];
}

/**
 * Statements that the server runs before it accepts the first connection, at every start: the administrator gets
 * the stack's password, and no account without a password is left. One statement a line: MySQL 8.0.12 reads it so.
 */
function writeInitFile({ folder, stack }: ServerContext): string {
  const password = stack.passwords.admin;
  const file = join(folder, 'init.sql');
  const lines = [
    `CREATE USER IF NOT EXISTS 'root'@'127.0.0.1' IDENTIFIED BY '${password}';`,
    `ALTER USER 'root'@'127.0.0.1' IDENTIFIED BY '${password}';`,
    `GRANT ALL PRIVILEGES ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;`,
    `ALTER USER 'root'@'localhost' IDENTIFIED BY '${password}';`,
  ];
  writeFileSync(file, lines.join('\n') + '\n', { mode: 0o600 });
  return file;
}
