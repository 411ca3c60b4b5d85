import { rowSchema, type Column, type RowSchema } from '@tributary/contract';
import { fatal } from '@tributary/kernel';
import type { SyncConfig, TableSettings } from '@tributary/sync-config';
import type { Connection } from 'mysql2/promise';
import { readCatalogue, type Catalogue, type TableInfo } from './catalogue';
import { asOnServer, patternSlips, unknownColumns, type PatternSlip } from './column-names';
import { columnOf, kindOf, type ColumnInfo } from './column-type';
import { detectServer, type Flavour } from './flavour';
import { isBaseTable, skippedOf, unmatchedEntries } from './skipped';
import type { FaultCode, SkippedTable, TableFault } from './table-fault';
import { tableKey } from './table-key';

/** A table of the sync file as it stands on the server. */
export interface TablePlan {
  readonly settings: TableSettings;
  readonly schema: RowSchema;
  /** Key columns by their MySQL names, in key order. */
  readonly keyColumns: readonly string[];
  readonly flavour: Flavour;
  /** All columns with their data types (lower case), the excluded ones too: what a row filter may use. */
  readonly sourceColumns: readonly { readonly name: string; readonly type: string }[];
  /** Its AUTO_INCREMENT column. */
  readonly counter?: string | undefined;
  /** Storage engine. */
  readonly engine: string;
}

/** Resolves a sync file against the server; throws one fatal SyncError `PREFLIGHT` that lists every faulty table. */
export async function describeTables(connection: Connection, config: SyncConfig): Promise<TablePlan[]> {
  const { plans, faults, slips } = await inspectTables(connection, config);
  const messages = [...faults, ...slips].map(({ message }) => message);
  if (messages.length > 0) throw refusal(messages);
  return plans;
}

/** One message for all reasons to refuse (R14). */
export const refusal = (messages: readonly string[]) =>
  fatal(
    'PREFLIGHT',
    messages.length === 1
      ? messages[0]!
      : `Capture is not possible, nothing was changed:\n${messages.map((message) => `  ${message}`).join('\n')}`,
  );

/** The tables of a sync file as they stand on the server. */
export interface Inspection {
  readonly flavour: Flavour;
  readonly plans: TablePlan[];
  readonly faults: TableFault[];
  /** What patterns match, or the file leaves out, and nobody would expect to be captured. */
  readonly skipped: SkippedTable[];
  /** Words of patterns that no table has a column for. */
  readonly slips: PatternSlip[];
}

/** Like `describeTables`, but gives the faults beside the tables that are usable. */
export async function inspectTables(connection: Connection, config: SyncConfig): Promise<Inspection> {
  const { flavour } = await detectServer(connection);
  const catalogue = await readCatalogue(connection, config);
  const faults: TableFault[] = [];
  const plans: TablePlan[] = [];
  for (const info of catalogue.tables.filter(isBaseTable)) {
    const settings = config.table(info.table);
    if (!settings) continue;
    const described = describeTable(info, settings, catalogue, flavour, config);
    if ('schema' in described) plans.push(described);
    else
      faults.push(
        ...described.map(({ code, text }) => ({
          table: info.table,
          code,
          message: `${info.table} ${text}.`,
        })),
      );
  }
  const { skipped, faults: others } = skippedOf(config, catalogue);
  return {
    flavour,
    plans,
    faults: [...unmatchedEntries(config, catalogue), ...others, ...faults],
    skipped,
    slips: patternSlips(config, catalogue),
  };
}

/** Why a table's own description cannot be made. */
interface Fault {
  readonly code: FaultCode;
  /** What follows its name in a sentence. */
  readonly text: string;
}

function describeTable(
  info: TableInfo,
  written: TableSettings,
  catalogue: Catalogue,
  flavour: Flavour,
  config: SyncConfig,
): TablePlan | Fault[] {
  const infos = catalogue.columns.get(info.table) ?? [];
  const names = infos.map(({ name }) => name);
  const settings = asOnServer(written, names);
  const faults: Fault[] = [];
  const fault = (code: FaultCode, text: string) => faults.push({ code, text });
  if (infos.length === 0)
    fault('RIGHTS', 'shows no column to this account: an administrator must grant SELECT on it');
  for (const text of unknownColumns(config, info.table, names)) fault('UNKNOWN_COLUMN', text);
  const key = tableKey(infos, catalogue.uniqueKeys.get(info.table) ?? [], settings.key);
  if (typeof key === 'string') return [...faults, { code: 'NO_KEY', text: key }];
  for (const name of key) {
    if (settings.exclude.includes(name))
      fault('KEY_COLUMN', `excludes ${name}, a column of its key: keep it`);
    if (own(settings.mask, name))
      fault('KEY_COLUMN', `masks ${name}, a column of its key: choose another key or no mask`);
  }
  const columns: Column[] = [];
  for (const column of infos) {
    if (settings.exclude.includes(column.name)) continue;
    const kind = columnKind(column, catalogue);
    if (kind) columns.push(configured(columnOf(column, kind), settings));
    else
      fault(
        'UNKNOWN_TYPE',
        `has the column ${column.name} of type ${column.columnType}, which is not known: exclude it in the sync file`,
      );
  }
  for (const text of nameFaults(columns)) fault('FIELD_NAMES', text);
  if (faults.length > 0) return faults;
  const fieldOf = new Map(columns.map(({ name, field }) => [name, field]));
  return {
    settings,
    schema: rowSchema({ table: info.table, columns, key: key.map((name) => fieldOf.get(name)!) }),
    keyColumns: key,
    flavour,
    sourceColumns: infos.map(({ name, dataType }) => ({ name, type: dataType })),
    counter: infos.find(({ extra }) => /auto_increment/i.test(extra))?.name,
    engine: info.engine ?? 'unknown',
  };
}

function columnKind(column: ColumnInfo, { jsonColumns }: Catalogue) {
  if (column.dataType === 'longtext' && jsonColumns.has(`${column.table}\0${column.name}`)) return 'json';
  return kindOf(column.dataType);
}

function nameFaults(columns: readonly Column[]): string[] {
  const faults: string[] = [];
  const seen = new Map<string, Column>();
  for (const column of columns) {
    const other = seen.get(column.field);
    if (other)
      faults.push(
        `would have two fields ${column.field} (columns ${other.name} and ${column.name}): rename one of them to another name in the sync file`,
      );
    seen.set(column.field, column);
  }
  return faults;
}

/** A column may be called `constructor`, which every object inherits. */
const own = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

/** Applies renaming and masking. A masked column keeps only what decoding its source value needs. */
function configured(column: Column, { rename, mask }: TableSettings): Column {
  const field = own(rename, column.name) ?? column.name;
  const kind = own(mask, column.name);
  if (!kind) return { ...column, field };
  const { name, sourceKind, sqlType, nullable, fsp, length, charset } = column;
  return {
    name,
    field,
    kind: 'text',
    sourceKind,
    sqlType,
    nullable,
    mask: kind,
    ...(charset !== undefined && { charset }),
    ...(fsp !== undefined && { fsp }),
    // BIT(1) decodes as a boolean (the default) and longer ones as digits; 64 as a text's length has room for masks.
    ...(sourceKind === 'bit' && length !== 1 && { length: 64 }),
  };
}
