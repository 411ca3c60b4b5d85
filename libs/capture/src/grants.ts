import type { Connection } from 'mysql2/promise';
import { quoteIdentifier } from './identifiers';
import { select } from './query';

interface Grant {
  readonly revoked: boolean;
  readonly privileges: ReadonlySet<string>;
  /** `*`, or a pattern of database names as GRANT has it. */
  readonly database: string;
  /** `*`, or a table's name. */
  readonly table: string;
}

/** What an account may do, from SHOW GRANTS; its active roles included. */
export class Grants {
  readonly #grants: readonly Grant[];

  constructor(lines: readonly string[]) {
    this.#grants = lines.flatMap(parseGrant);
  }

  /** Whether the account has a privilege on a table, a database (`table` left out) or the server (both left out). */
  has(privilege: string, database?: string, table?: string): boolean {
    const on = (grant: Grant) =>
      grant.database === '*' ||
      (database !== undefined &&
        matchesDatabase(grant.database, database) &&
        (grant.table === '*' || grant.table === table));
    const holds = ({ privileges }: Grant) => privileges.has(privilege) || privileges.has('ALL PRIVILEGES');
    const held = this.#grants.filter((grant) => on(grant) && holds(grant));
    return held.length > 0 && !held.some(({ revoked }) => revoked);
  }
}

/** Grants of the connection's own account. */
export async function currentGrants(connection: Connection): Promise<Grants> {
  const [row] = await select<{ role: string | null }>(connection, 'SELECT CURRENT_ROLE() AS role');
  // MariaDB lists the active role's grants by itself; MySQL has to be asked, and names the roles quoted.
  const roles = row?.role && row.role !== 'NONE' && row.role.includes('@') ? row.role : null;
  return new Grants(
    await grantLines(connection, roles ? `SHOW GRANTS FOR CURRENT_USER() USING ${roles}` : 'SHOW GRANTS'),
  );
}

/** Grants of another account, `user@host` quoted; `null` when it does not exist or cannot be seen. */
export async function grantsOf(connection: Connection, account: string): Promise<Grants | null> {
  try {
    return new Grants(await grantLines(connection, `SHOW GRANTS FOR ${account}`));
  } catch {
    return null;
  }
}

async function grantLines(connection: Connection, sql: string): Promise<string[]> {
  const rows = await select<Record<string, string>>(connection, sql);
  return rows.map((row) => Object.values(row)[0]!);
}

const name = '(?:`((?:[^`]|``)*)`|([^\\s.`]+))';
const line = new RegExp(`^(GRANT|REVOKE) (.+) ON (?:TABLE )?${name}\\.${name} (?:TO|FROM) `, 's');

function parseGrant(text: string): Grant[] {
  const match = line.exec(text);
  if (!match) return []; // a role or a proxy
  const [, verb, list, quotedDatabase, database, quotedTable, table] = match;
  // Column privileges, `SELECT (a, b)`, are no right on the table.
  const privileges = list!.replace(/[A-Z ]+\([^)]*\)/g, '').split(',');
  return [
    {
      revoked: verb === 'REVOKE',
      privileges: new Set(privileges.map((privilege) => privilege.trim().toUpperCase())),
      database: (quotedDatabase ?? database)!.replaceAll('``', '`'),
      table: (quotedTable ?? table)!.replaceAll('``', '`'),
    },
  ];
}

function matchesDatabase(pattern: string, database: string): boolean {
  const expression = pattern.replace(
    /\\([_%\\])|([_%])|([.*+?^${}()|[\]\\])/g,
    (_all, literal, wild, special) =>
      literal ? (literal === '\\' ? '\\\\' : literal) : wild ? (wild === '_' ? '.' : '.*') : `\\${special}`,
  );
  return new RegExp(`^${expression}$`, 'is').test(database);
}

/** A GRANT statement that would give a missing privilege on a database. */
export const grantRemedy = (privileges: readonly string[], database: string, account: string) =>
  `GRANT ${privileges.join(', ')} ON ${quoteIdentifier(database.replace(/([_%])/g, '\\$1'))}.* TO ${account}`;
