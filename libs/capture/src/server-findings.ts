import type { Connection } from 'mysql2/promise';
import type { Flavour } from './flavour';
import type { Grants } from './grants';
import type { Finding } from './finding';
import { select } from './query';

/** Server variables that matter to capture, as the server gives them. */
export interface ServerSettings {
  readonly account: string;
  readonly logBin: number;
  readonly trusted: number;
  readonly binlogFormat: string;
  readonly autoincMode: number;
  readonly packet: string;
  readonly readOnly: number;
}

export async function readServerSettings(connection: Connection): Promise<ServerSettings> {
  const [server] = await select<ServerSettings>(
    connection,
    `SELECT CURRENT_USER() AS account, @@log_bin AS logBin, @@log_bin_trust_function_creators AS trusted,
       @@global.binlog_format AS binlogFormat, @@innodb_autoinc_lock_mode AS autoincMode,
       @@max_allowed_packet AS packet, @@global.read_only AS readOnly`,
  );
  return server!;
}

/** What the server's settings forbid or make slow, whichever the tables. */
export function serverFindings(server: ServerSettings, grants: Grants, flavour: Flavour): Finding[] {
  const findings: Finding[] = [];
  const refuse = (message: string) => findings.push({ level: 'refuse', message });
  const warn = (message: string) => findings.push({ level: 'warn', message });
  const mayCreate = grants.has('SUPER') || (flavour === 'mariadb' && grants.has('BINLOG ADMIN'));
  if (Number(server.logBin) && !Number(server.trusted) && !mayCreate)
    refuse(
      `The server's binary log is on and log_bin_trust_function_creators is OFF, so ${server.account} may not create triggers (error 1419): an administrator must run SET GLOBAL log_bin_trust_function_creators = 1 and keep it in the server's configuration.`,
    );
  if (Number(server.readOnly))
    refuse('The server is read_only: point MYSQL_URL at the primary, where the application writes.');
  if (Number(server.logBin) && server.binlogFormat === 'STATEMENT')
    refuse(
      'The server logs statements (binlog_format = STATEMENT), which do not carry trigger rows exactly: set binlog_format = ROW or MIXED.',
    );
  if (flavour === 'mariadb' && Number(server.autoincMode) === 0)
    refuse(
      "innodb_autoinc_lock_mode is 0, under which triggers made applications' writes fail on MariaDB (error 1467): set it to 1 or 2 and restart the server.",
    );
  if (Number(server.packet) < 4 * 1024 * 1024)
    warn(
      `max_allowed_packet is ${server.packet} bytes, so larger rows are captured by key and read again: 16M or more is faster.`,
    );
  if (!grants.has('PROCESS'))
    warn(
      `${server.account} lacks PROCESS, so a snapshot cannot see when older transactions have ended and must lock each chunk: GRANT PROCESS ON *.* TO ${server.account}.`,
    );
  return findings;
}
