import { quoteIdentifier, quoteTable } from '@tributary/capture';
import { comment } from './comment';
import type { PipelineNames } from './names';
import type { Survey } from './survey';

/** In GRANT a database name is a pattern, in which these stand for others. */
const databasePattern = (database: string) => `${quoteIdentifier(database.replace(/[_%\\]/g, '\\$&'))}.*`;

/** The statements that an administrator runs once. `patterns`: what the tables were chosen by. */
export function accountsText(
  { server, tables, triggerTables, mustTrustCreators }: Survey,
  { account, captureSchema }: PipelineNames,
  patterns: readonly string[],
  password: string,
): string {
  const user = `'${account}'@'%'`;
  const grant = (rights: string, on: string) => `GRANT ${rights} ON ${on} TO ${user};\n`;
  const tablesBeside = [...new Set([...tables.map(({ table }) => table), ...triggerTables])].sort();
  return [
    comment(
      `The account of trigger-relay and the command line on this ${server.flavour === 'mysql' ? 'MySQL' : 'MariaDB'} ${server.version}, with the rights that the sync file beside this one needs and no others. Run it once as an administrator, and delete it then: it holds the password.`,
      '-- ',
    ),
    '\n',
    `CREATE USER ${user} IDENTIFIED BY '${password}';\n`,
    '-- Its own database: change log and snapshot jobs.\n',
    grant('ALL PRIVILEGES', databasePattern(captureSchema)),
    comment(
      'It reads the tables and puts triggers on them, also on those whose foreign keys cascade into them; it can change no row. LOCK TABLES is for the moment in which a trigger is exchanged. A table that is added to the sync file needs the same rights.',
      '-- ',
    ),
    ...tableGrants(tablesBeside, patterns, grant),
    '-- Shows whether a transaction is still open, by which a snapshot stands in order with the changes.\n',
    grant('PROCESS', '*.*'),
    ...(server.flavour === 'mysql'
      ? [
          '-- Show whom a statement waits for.\n',
          ...['metadata_locks', 'threads', 'data_lock_waits'].map((table) =>
            grant('SELECT', `performance_schema.${table}`),
          ),
        ]
      : []),
    ...(mustTrustCreators ? trustText(server.flavour) : []),
  ].join('');
}

function tableGrants(
  tables: readonly string[],
  patterns: readonly string[],
  grant: (rights: string, on: string) => string,
): string[] {
  const databaseOf = (table: string) => table.slice(0, table.indexOf('.'));
  return [...new Set(tables.map(databaseOf))].flatMap((database) => {
    const on = databasePattern(database);
    // All of it was asked for, later tables too.
    if (patterns.includes('*.*') || patterns.includes(`${database}.*`))
      return [grant('SELECT, TRIGGER, LOCK TABLES', on)];
    const chosen = tables.filter((table) => databaseOf(table) === database);
    return [...chosen.map((table) => grant('SELECT, TRIGGER', quoteTable(table))), grant('LOCK TABLES', on)];
  });
}

/** Last, since it may be refused where servers are hired; the account is complete by then. */
const trustText = (flavour: Survey['server']['flavour']): string[] => [
  '\n',
  comment(
    `The binary log is on, and then a server asks for SUPER before it makes a trigger, unless this is set.${flavour === 'mariadb' ? " Keep it in the server's configuration as well: it does not outlast a restart." : ''} A hired server has it among its parameters.`,
    '-- ',
  ),
  `SET ${flavour === 'mysql' ? 'PERSIST' : 'GLOBAL'} log_bin_trust_function_creators = 1;\n`,
];
