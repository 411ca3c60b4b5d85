import {
  detectServer,
  planCapture,
  quoteTable,
  tablesOf,
  victims,
  without,
  type Connection,
  type ServerVersion,
  type TableFault,
  type TablePlan,
  type WholePlan,
} from '@tributary/capture';
import { fatal, namePattern } from '@tributary/kernel';
import { parseSyncConfig } from '@tributary/sync-config';
import type { RowDataPacket } from 'mysql2/promise';
import { stringify } from 'yaml';
import { misfits } from '../tables/misfits';
import type { PipelineNames } from './names';

/** What the server itself says of a table; `rows` is its estimate. */
interface TableSize {
  readonly rows: number;
  readonly bytes: number;
}

/** A table that cannot be captured as it is. */
export interface UnfitTable {
  readonly table: string;
  /** As `config check` has it. */
  readonly code: string;
  /** Sentences: why, and what to do. */
  readonly message: string;
}

export interface SurveyedTable extends TableSize {
  /** `database.table`. */
  readonly table: string;
  readonly plan: TablePlan;
}

/** What of a source can be captured, and what that asks for. */
export interface Survey {
  readonly server: ServerVersion;
  readonly tables: readonly SurveyedTable[];
  readonly leftOut: readonly UnfitTable[];
  /** Tables (`database.table`) that triggers stand on or read: parents of cascading foreign keys beside the captured ones. */
  readonly triggerTables: readonly string[];
  /** Whether an account without SUPER may make triggers only after a setting of the server was changed. */
  readonly mustTrustCreators: boolean;
  /** Whether the account's name is taken; `null`: this login may not see. */
  readonly accountExists: boolean | null;
}

/**
 * Looks at the tables that `patterns` name; changes nothing. The rights of the connection's own account do not matter
 * beyond what it can see. Throws a fatal SyncError `TABLE` when no table can be captured.
 */
export async function survey(
  connection: Connection,
  patterns: readonly string[],
  names: PipelineNames,
): Promise<Survey> {
  const server = await detectServer(connection);
  const found = await baseTables(connection, patterns);
  const unnameable = [...found].flatMap(([table, { database }]) => nameFault(table, database));
  const named = [...found.keys()].filter((name) => !unnameable.some(({ table }) => table === name));
  const { plan, faults } = await capturable(connection, named, names);
  const unfit = plan.plans.flatMap((each) => misfits(each));
  const out = new Set(unfit.map(({ table }) => table));
  const leftOut: UnfitTable[] = [
    ...unnameable,
    ...faults.map(({ table, code, message }) => ({ table, code, message })),
    ...unfit.map(({ table, code, reason, remedy }) => ({ table, code, message: `${reason} ${remedy}` })),
  ];
  const plans = plan.plans.filter(({ settings }) => !out.has(settings.table));
  if (plans.length === 0)
    throw fatal(
      'TABLE',
      `No table can be captured:\n  ${leftOut.map(({ message }) => message).join('\n  ')}`,
    );
  return {
    ...{ server, leftOut },
    tables: plans.map((each) => {
      const { table } = each.settings;
      const { rows, bytes } = found.get(table)!;
      return { table, rows, bytes, plan: each };
    }),
    triggerTables: tablesOf(without(plan, out)).read,
    mustTrustCreators: await mustTrustCreators(connection),
    accountExists: await accountExists(connection, names.account),
  };
}

/** Names that an entry of the sync file cannot mean. */
function nameFault(table: string, database: string): UnfitTable[] {
  if (database.includes('.'))
    return [{ table, code: 'NAME', message: `The database ${database} has a dot in its name: rename it.` }];
  return table.includes('*')
    ? [
        {
          table,
          code: 'NAME',
          message: `${table} has a * in its name, which stands for any characters: rename it.`,
        },
      ]
    : [];
}

/** By `database.table`, in the order of names. Throws a fatal SyncError that lists the databases when there is none. */
async function baseTables(
  connection: Connection,
  patterns: readonly string[],
): Promise<Map<string, TableSize & { readonly database: string }>> {
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT table_schema AS \`database\`, table_name AS \`table\`, table_rows AS \`rows\`,
       data_length + index_length AS \`bytes\`
     FROM information_schema.tables
     WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('mysql', 'sys', 'performance_schema', 'information_schema')
       AND table_schema NOT IN (
         SELECT table_schema FROM information_schema.tables WHERE table_name IN ('change_log', 'table_shape')
         GROUP BY table_schema HAVING COUNT(*) = 2)
     ORDER BY table_schema, table_name`,
  );
  const expressions = patterns.map(namePattern);
  const matching = rows.filter(({ database, table }) =>
    expressions.some((pattern) => pattern.test(`${database}.${table}`)),
  );
  if (matching.length === 0) throw await nothingThere(connection, rows, patterns);
  return new Map(
    matching.map(({ database, table, rows: estimate, bytes }) => [
      `${database}.${table}`,
      { database: String(database), rows: Number(estimate ?? 0), bytes: Number(bytes ?? 0) },
    ]),
  );
}

async function nothingThere(
  connection: Connection,
  visible: readonly RowDataPacket[],
  patterns: readonly string[],
) {
  const [[row]] = await connection.query<RowDataPacket[]>('SELECT CURRENT_USER() AS account');
  const databases = [...new Set(visible.map(({ database }) => String(database)))];
  const account = String(row!['account']);
  return databases.length === 0
    ? fatal(
        'RIGHTS',
        `${account} sees no table on this server: give the address of an account that may read them (GRANT SELECT ON \`database\`.* TO ...), and check that the server is the right one.`,
      )
    : fatal(
        'TABLE',
        `No table that ${account} may see matches ${patterns.join(' or ')}: its databases are ${databases.join(', ')}; --tables takes database.table, where * stands for any characters.`,
      );
}

/** The plan of all that can be captured; a table that foreign keys reach in too many ways takes others along. */
async function capturable(
  connection: Connection,
  tables: readonly string[],
  { prefix, captureSchema }: PipelineNames,
): Promise<{ plan: WholePlan; faults: TableFault[] }> {
  const file = {
    ...{ topics: { prefix }, capture: { schema: captureSchema } },
    tables: tables.map((table) => ({ table })),
  };
  const whole = await planCapture(connection, parseSyncConfig(stringify(file)));
  const faults = [...whole.inspection.faults, ...whole.plans.flatMap(engineFault)];
  for (;;) {
    const plan = without(whole, new Set(faults.map(({ table }) => table)));
    const more = plan.cascades.faults.flatMap((fault) =>
      victims({ level: 'refuse', code: 'CASCADES', ...fault }, plan),
    );
    if (more.length === 0) return { plan, faults };
    faults.push(...more);
  }
}

const engineFault = ({ settings: { table }, engine }: TablePlan): TableFault[] =>
  engine === 'InnoDB'
    ? []
    : [
        {
          ...{ table, code: 'ENGINE' },
          message: `${table} uses the engine ${engine}, whose changes are not transactional: run ALTER TABLE ${quoteTable(table)} ENGINE = InnoDB.`,
        },
      ];

async function mustTrustCreators(connection: Connection): Promise<boolean> {
  const [[row]] = await connection.query<RowDataPacket[]>(
    'SELECT @@log_bin AND NOT @@log_bin_trust_function_creators AS must',
  );
  return Number(row!['must']) === 1;
}

async function accountExists(connection: Connection, account: string): Promise<boolean | null> {
  try {
    const [rows] = await connection.query<RowDataPacket[]>('SELECT 1 FROM mysql.user WHERE user = ?', [
      account,
    ]);
    return rows.length > 0;
  } catch {
    return null;
  }
}
