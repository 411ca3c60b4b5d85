import type { Connection } from 'mysql2/promise';
import type { CaptureTable } from './capture-tables';
import type { Flavour } from './flavour';
import { grantsOf, type Grants } from './grants';
import { quoteTable } from './identifiers';
import { select } from './query';

/** The account whose rights the triggers run with. */
export interface Definer {
  /** As information_schema.triggers has it, `user@host`. */
  readonly account: string;
  /** The DEFINER clause. */
  readonly clause: string;
  /** Why it is not the dedicated account. */
  readonly note?: string;
}

const dedicated = { account: 'tributary_definer@localhost', clause: '`tributary_definer`@`localhost`' };

/** What the triggers do to tables. */
export interface TriggerTables {
  /** They stand on these or read them (`database.table`). */
  readonly read: readonly string[];
  /** They lock rows of these exclusively. */
  readonly locked: readonly string[];
}

/**
 * The dedicated locked account when it exists with the rights that every trigger needs and this connection may name
 * it, else the connection's own account: a definer that lacks a right would make the application's writes fail, or
 * deadlock with each other where it may not lock rows.
 */
export async function chooseDefiner(
  connection: Connection,
  flavour: Flavour,
  own: Grants,
  tables: TriggerTables,
  captureSchema: string,
): Promise<Definer> {
  const reason = await unusable(connection, flavour, own, tables, captureSchema);
  if (reason === null) return dedicated;
  const [row] = await select<{ account: string }>(connection, 'SELECT CURRENT_USER() AS account');
  return {
    account: row!.account,
    clause: 'CURRENT_USER',
    note: `Triggers run with the rights of ${row!.account}: ${reason}.`,
  };
}

async function unusable(
  connection: Connection,
  flavour: Flavour,
  own: Grants,
  { read, locked }: TriggerTables,
  captureSchema: string,
): Promise<string | null> {
  const [privilege, newer] =
    flavour === 'mariadb' ? ['SET USER', 'SUPER'] : ['SET_USER_ID', 'SET_ANY_DEFINER'];
  if (![privilege!, newer!, 'SUPER'].some((name) => own.has(name)))
    return `this account has no right (${privilege}) to name ${dedicated.account}`;
  const grants = await grantsOf(connection, dedicated.clause);
  if (!grants) return `${dedicated.account} does not exist, or this account may not look it up`;
  for (const table of ['change_log', 'forced_id'] satisfies CaptureTable[])
    if (!grants.has('INSERT', captureSchema, table))
      return `${dedicated.account} may not INSERT into ${captureSchema}.${table}`;
  for (const table of read)
    for (const right of ['TRIGGER', 'SELECT'])
      if (!grants.has(right, ...split(table))) return `${dedicated.account} lacks ${right} on ${table}`;
  const unlockable = locked.find(
    (table) => !mayLockRows(grants, flavour, table) && mayLockRows(own, flavour, table),
  );
  return unlockable === undefined
    ? null
    : `${dedicated.account} lacks LOCK TABLES on the database of ${quoteTable(unlockable)}, by which cascades lock rows before they change them`;
}

/** MySQL asks for one of these beside SELECT (SELECT ... FOR UPDATE); MariaDB for none. */
const lockRights = ['LOCK TABLES', 'UPDATE', 'DELETE'];

/** Whether triggers with these rights lock rows of a table exclusively; else they lock them in shared mode. */
const mayLockRows = (grants: Grants, flavour: Flavour, table: string): boolean =>
  flavour === 'mariadb' || lockRights.some((right) => grants.has(right, ...split(table)));

const split = (table: string): [database: string, name: string] => {
  const dot = table.indexOf('.');
  return [table.slice(0, dot), table.slice(dot + 1)];
};
