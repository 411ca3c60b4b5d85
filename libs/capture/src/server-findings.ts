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
  /** MySQL: engines that no table may have; MariaDB: the one that every table gets, or `null`. */
  readonly engines: string | null;
  /** MariaDB's system_versioning_asof; `DEFAULT`: sessions read the present. */
  readonly asOf: string;
  /** Of all sessions together. */
  readonly statements: number;
}

export async function readServerSettings(connection: Connection): Promise<ServerSettings> {
  const [server] = await select<ServerSettings>(
    connection,
    `SELECT CURRENT_USER() AS account, @@log_bin AS logBin, @@log_bin_trust_function_creators AS trusted,
       @@global.binlog_format AS binlogFormat, @@innodb_autoinc_lock_mode AS autoincMode,
       @@max_allowed_packet AS packet, @@global.read_only AS readOnly,
       /*!80000 @@global.disabled_storage_engines */ /*M! @@global.enforce_storage_engine */ AS engines,
       /*!80000 'DEFAULT' */ /*M! @@global.system_versioning_asof */ AS asOf,
       @@global.max_prepared_stmt_count AS statements`,
  );
  return server!;
}

/** Our own statements (triggers of wide tables, lists of ids, schemas) and their answers are smaller. */
const LEAST_PACKET = 2 ** 20;

/** What the server's settings forbid or make slow, whichever the tables; `tables`: how many are captured. */
export function serverFindings(
  server: ServerSettings,
  grants: Grants,
  flavour: Flavour,
  tables: number,
): Finding[] {
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
  const innodb = /\binnodb\b/i.test(server.engines ?? '');
  if (flavour === 'mysql' && innodb)
    refuse(
      'disabled_storage_engines names InnoDB, whose tables the change log is made of: take InnoDB out of it and restart the server.',
    );
  if (flavour === 'mariadb' && server.engines && !innodb)
    refuse(
      `enforce_storage_engine is ${server.engines}, so the change log would be made without transactions: an administrator must run SET GLOBAL enforce_storage_engine = NULL (or InnoDB) and keep it in the server's configuration.`,
    );
  if (server.asOf !== 'DEFAULT')
    refuse(
      `system_versioning_asof is ${server.asOf}, so sessions and triggers read the past of system-versioned tables: an administrator must run SET GLOBAL system_versioning_asof = DEFAULT.`,
    );
  if (Number(server.statements) < tables)
    warn(
      `max_prepared_stmt_count is ${server.statements}, and the relay prepares a statement for each of ${tables} tables to see that they were not altered: without one it asks information_schema at every read, which is slower.`,
    );
  if (Number(server.packet) < LEAST_PACKET)
    refuse(
      `max_allowed_packet is ${server.packet} bytes, too few for our own statements: an administrator must run SET GLOBAL max_allowed_packet = 16777216, at least ${LEAST_PACKET}, and keep it in the server's configuration.`,
    );
  else if (Number(server.packet) < 4 * 1024 * 1024)
    warn(
      `max_allowed_packet is ${server.packet} bytes, so larger rows are captured by key and read again: 16M or more is faster.`,
    );
  if (!grants.has('PROCESS'))
    warn(
      `${server.account} lacks PROCESS, so a snapshot cannot see when older transactions have ended and must lock each chunk: GRANT PROCESS ON *.* TO ${server.account}.`,
    );
  return findings;
}
