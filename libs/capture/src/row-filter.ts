import { hasErrno, mysqlErrno, refusedWords } from '@tributary/kernel';
import type { Connection } from 'mysql2/promise';
import type { TablePlan } from './describe';
import { bindFilter } from './bind-filter';
import { sessionFault } from './filter-fault';
import type { Finding } from './finding';
import { quoteIdentifier, quoteTable } from './identifiers';
import { execute, select } from './query';

/** The `where` of a table's entry as a condition for a query that reads the table as its own name. */
export const filterCondition = ({ settings }: Pick<TablePlan, 'settings'>) =>
  settings.where === null ? '' : `(${settings.where}\n)`;

/** The table with its own name as alias, so that a row filter may qualify its columns. */
export const filterSource = ({ settings }: Pick<TablePlan, 'settings'>) =>
  `${quoteTable(settings.table)} AS ${quoteIdentifier(settings.name)}`;

/** Tries every row filter on the server, and refuses those that it refuses, in its own words. */
export async function filterFindings(
  connection: Connection,
  plans: readonly TablePlan[],
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const filtered = plans.filter(({ settings }) => settings.where !== null);
  if (filtered.length === 0) return findings;
  // Whoever holds one table locked must not keep the look at the others waiting.
  await execute(
    connection,
    'SET @tributary_wait = @@SESSION.lock_wait_timeout, SESSION lock_wait_timeout = 1',
  );
  for (const plan of filtered) {
    const { where, table } = plan.settings;
    const why = formFault(where!, plan) ?? (await serverFault(connection, plan));
    if (why !== null)
      findings.push({
        level: 'refuse',
        table,
        code: 'ROW_FILTER',
        message: `The row filter of ${table} is not usable: ${why}. Correct where in the sync file.`,
      });
  }
  await execute(connection, 'SET SESSION lock_wait_timeout = @tributary_wait');
  return findings;
}

/** What the server would take in a query but not in a trigger, or would take in another sense. */
function formFault(where: string, plan: TablePlan): string | null {
  const code = where.replace(/'(?:[^'\\]|''|\\.)*'|"(?:[^"\\]|""|\\.)*"|`(?:[^`]|``)*`/gs, "''");
  if (/\bselect\b/i.test(code)) return 'it may use the columns of its own row only, and it holds a SELECT';
  if (/;/.test(code)) return 'it holds a semicolon';
  if (/@/.test(code)) return "it holds a variable, whose value is another one in each application's session";
  if (/\/\*M?!/i.test(where)) return 'it holds an executable comment (/*! ... */)';
  // A trigger's text is kept as three-byte UTF-8.
  if (/[\u{10000}-\u{10FFFF}]/u.test(where))
    return "it holds a character past U+FFFF, which no trigger can; write it as CONVERT(X'F09F9880' USING utf8mb4)";
  return sessionFault(plan);
}

/** Both forms are tried: the filter as written, for snapshots, and as bound to a trigger's row. */
async function serverFault(connection: Connection, plan: TablePlan): Promise<string | null> {
  const table = quoteTable(plan.settings.table);
  try {
    await select(connection, `SELECT 1 FROM ${filterSource(plan)} WHERE ${filterCondition(plan)} LIMIT 0`);
    // With two rows in sight a column that was not bound is ambiguous.
    await select(
      connection,
      `SELECT 1 FROM ${table} AS NEW, ${table} AS OLD WHERE ${bindFilter(plan, 'NEW').condition} LIMIT 0`,
    );
    return null;
  } catch (error) {
    if (hasErrno(error, mysqlErrno.LOCK_WAIT_TIMEOUT)) return null; // it was usable when the triggers were made
    return `the server says "${refusedWords(error).replace(/\.$/, '')}"`;
  }
}
