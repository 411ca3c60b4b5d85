import type { SyncConfig } from '@tributary/sync-config';
import type { Connection } from 'mysql2/promise';
import { cascadeFindings } from './cascades';
import type { TablePlan } from './describe';
import { readTriggers } from './existing-triggers';
import { currentGrants, grantRemedy, type Grants } from './grants';
import { presentTables } from './capture-schema';
import { select } from './query';
import { filterFindings } from './row-filter';

/** Something that preflight has to say; `refuse` forbids the installation. */
export interface Finding {
  readonly level: 'refuse' | 'warn' | 'note';
  /** `database.table`, when it is about one. */
  readonly table?: string;
  /** A sentence that names the thing and the remedy. */
  readonly message: string;
}

interface ServerSettings {
  readonly account: string;
  readonly logBin: number;
  readonly trusted: number;
  readonly binlogFormat: string;
  readonly autoincMode: number;
  readonly packet: string;
  readonly readOnly: number;
}

/** Checks all that could make capture, or the application's writes under it, fail; changes nothing. */
export async function preflight(
  connection: Connection,
  config: SyncConfig,
  plans: readonly TablePlan[],
): Promise<Finding[]> {
  const grants = await currentGrants(connection);
  const [server] = await select<ServerSettings>(
    connection,
    `SELECT CURRENT_USER() AS account, @@log_bin AS logBin, @@log_bin_trust_function_creators AS trusted,
       @@global.binlog_format AS binlogFormat, @@innodb_autoinc_lock_mode AS autoincMode,
       @@max_allowed_packet AS packet, @@global.read_only AS readOnly`,
  );
  const present = await presentTables(connection, config.captureSchema);
  return [
    ...serverFindings(server!, grants, plans),
    ...schemaRights(grants, server!.account, config.captureSchema, present.size > 0),
    ...plans.flatMap((plan) => tableFindings(plan, grants, server!.account)),
    ...(await cascadeFindings(connection, plans)),
    ...(await filterFindings(connection, plans)),
    ...(await foreignTriggers(connection, config.captureSchema, plans)),
  ];
}

function serverFindings(server: ServerSettings, grants: Grants, plans: readonly TablePlan[]): Finding[] {
  const flavour = plans[0]?.flavour;
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
  if (flavour === 'mariadb')
    warn(
      'MariaDB fires triggers for rows that UPDATE IGNORE leaves unchanged because of a duplicate key: avoid UPDATE IGNORE on captured tables, or verify after it.',
    );
  if (!grants.has('PROCESS'))
    warn(
      `${server.account} lacks PROCESS, so a snapshot cannot see when older transactions have ended and must lock each chunk: GRANT PROCESS ON *.* TO ${server.account}.`,
    );
  return findings;
}

function schemaRights(grants: Grants, account: string, schema: string, exists: boolean): Finding[] {
  const needed = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE TEMPORARY TABLES'];
  const lacking = [...(exists ? [] : ['CREATE']), ...needed].filter((right) => !grants.has(right, schema));
  if (lacking.length === 0) return [];
  return [
    {
      level: 'refuse',
      message: `${account} lacks ${lacking.join(', ')} on the capture schema ${schema}: an administrator must run ${grantRemedy(lacking, schema, account)}.`,
    },
  ];
}

function tableFindings({ settings, engine }: TablePlan, grants: Grants, account: string): Finding[] {
  const { table, database, name } = settings;
  const findings: Finding[] = [];
  const lacking = ['SELECT', 'TRIGGER'].filter((right) => !grants.has(right, database, name));
  if (lacking.length > 0)
    findings.push({
      level: 'refuse',
      table,
      message: `${account} lacks ${lacking.join(', ')} on ${table}: an administrator must run ${grantRemedy(lacking, database, account)}.`,
    });
  if (!grants.has('LOCK TABLES', database))
    findings.push({
      level: 'note',
      table,
      message: `${account} lacks LOCK TABLES on ${database}, so exchanging the triggers of ${table} may log a change twice (harmless).`,
    });
  if (engine !== 'InnoDB')
    findings.push({
      level: 'refuse',
      table,
      message: `${table} uses the engine ${engine}, whose changes are not transactional: run ALTER TABLE ${table} ENGINE = InnoDB, or take it out of the sync file.`,
    });
  return findings;
}

async function foreignTriggers(
  connection: Connection,
  captureSchema: string,
  plans: readonly TablePlan[],
): Promise<Finding[]> {
  const { foreign } = await readTriggers(connection, captureSchema);
  const tables = new Set(plans.map(({ settings }) => settings.table));
  return foreign
    .filter(({ table }) => tables.has(table))
    .map(({ name, table, timing, event }) => ({
      level: 'note',
      table,
      message: `${table} has a trigger of its own, ${name} (${timing} ${event}): it stays as it is, and what it writes to captured tables is captured.`,
    }));
}
