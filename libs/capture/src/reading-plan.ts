import type { RowSchema } from '@tributary/contract';
import type { SyncConfig } from '@tributary/sync-config';
import type { Connection } from 'mysql2/promise';
import { inspectTables, type TablePlan } from './describe';
import type { Flavour } from './flavour';
import { quoteIdentifier } from './identifiers';
import { sessionStatements } from './session';
import { suspensionOf, type SkippedTable, type Suspension, type TableFault } from './table-fault';
import { longColumns, tableSelect } from './table-select';

/** How another program reads the tables of a sync file so that its cells are those of triggers and snapshots (R9). */
export interface ReadingPlan {
  readonly server: Flavour;
  /** Statements after which a session depends on no setting of the server. */
  readonly session: readonly string[];
  readonly tables: readonly TableReading[];
  readonly suspended: readonly Suspension[];
  readonly skipped: readonly SkippedTable[];
}

export interface TableReading {
  readonly table: string;
  readonly fingerprint: string;
  /** In key order, by their names in MySQL. */
  readonly key: readonly string[];
  /** In image order: column in MySQL, field on the wire, the text of its cell in SQL. */
  readonly columns: readonly { readonly name: string; readonly field: string; readonly expression: string }[];
  readonly from: string;
  readonly where: string | null;
  /** The whole statement; its result has the columns' names. */
  readonly select: string;
  /** True of rows whose long values the SELECT may not give as they are. */
  readonly large: string | null;
  /** Whether the codec of `schema` makes of the cells what is published, whatever the row. */
  readonly enough: boolean;
  /** What is to be done besides where it is not enough. */
  readonly besides: readonly Besides[];
  /** The columns as published. */
  readonly schema: RowSchema;
}

interface Besides {
  readonly column: string;
  readonly code: 'MASKED' | 'LONG';
  readonly reason: string;
}

/** Reads information_schema only, so that it needs neither capture nor any right but SELECT on the tables. */
export async function readingPlan(
  connection: Connection,
  config: SyncConfig,
  wanted: (table: string) => boolean,
): Promise<ReadingPlan> {
  const { flavour, plans, faults, skipped, slips } = await inspectTables(connection, config);
  const slipped = slips.flatMap(({ tables, message }) =>
    tables.map((table): TableFault => ({ table, code: 'UNKNOWN_COLUMN', message })),
  );
  // What a slip of the pen was to hide is shown to nobody.
  const shown = (table: string) => wanted(table) && !slipped.some((fault) => fault.table === table);
  return {
    server: flavour,
    session: sessionStatements,
    tables: plans.filter(({ schema }) => shown(schema.table)).map(tableReading),
    suspended: [...faults, ...slipped].filter(({ table }) => wanted(table)).map(suspensionOf),
    skipped: skipped.filter(({ table }) => wanted(table)),
  };
}

function tableReading(plan: TablePlan): TableReading {
  const { schema, keyColumns } = plan;
  const { cells, from, where, large } = tableSelect(plan);
  const list = schema.columns.map(({ name }, at) => `${cells[at]} AS ${quoteIdentifier(name)}`);
  const besides = besidesOf(plan);
  return {
    table: schema.table,
    fingerprint: schema.fingerprint,
    key: keyColumns,
    columns: schema.columns.map(({ name, field }, at) => ({ name, field, expression: cells[at]! })),
    from,
    where: where || null,
    select: `SELECT ${list.join(', ')} FROM ${from}${where && ` WHERE ${where}`}`,
    large: large || null,
    enough: besides.length === 0,
    besides,
    schema,
  };
}

function besidesOf(plan: TablePlan): Besides[] {
  const masked = plan.schema.columns.flatMap(({ name, mask }): Besides[] =>
    mask
      ? [{ column: name, code: 'MASKED', reason: `The cell is the value itself, to be masked (${mask}).` }]
      : [],
  );
  const long = longColumns(plan).map(({ name }): Besides => ({
    column: name,
    code: 'LONG',
    reason:
      'A value beyond max_allowed_packet comes as NULL or as an error: read large rows alone, in pieces.',
  }));
  return [...masked, ...long];
}
