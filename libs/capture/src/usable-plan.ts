import type { RowSchema } from '@tributary/contract';
import type { SyncConfig } from '@tributary/sync-config';
import type { Connection } from 'mysql2/promise';
import { planCapture, without, type CapturePlan, type WholePlan } from './capture-plan';
import { presentTables } from './capture-schema';
import type { PatternSlip } from './column-names';
import { refusal } from './describe';
import type { Finding } from './finding';
import type { ForeignKey } from './foreign-keys';
import { preflight } from './preflight';
import { readShapes } from './shapes';
import type { SkippedTable, TableFault } from './table-fault';

/** What of a sync file can be captured, and what cannot. */
export interface UsablePlan {
  readonly plan: CapturePlan;
  /** Tables and entries that are left out while the others go on (R15). */
  readonly faults: readonly TableFault[];
  readonly skipped: readonly SkippedTable[];
  /** Reasons to change nothing at all (R14), sentences: the server's, or that no table is left. */
  readonly refusals: readonly string[];
  /** What else is to be said of the tables that are left. */
  readonly findings: readonly Finding[];
}

/** Plans capture of every table that it is possible for; changes nothing. */
export async function planUsable(connection: Connection, config: SyncConfig): Promise<UsablePlan> {
  const whole = await planCapture(connection, config);
  const { inspection } = whole;
  const slips = await slipFaults(connection, config, whole, inspection.slips);
  const faults = [...inspection.faults, ...slips];
  const out = new Set(slips.map(({ table }) => table));
  for (;;) {
    const plan = without(whole, out);
    const findings = await preflight(connection, config, plan);
    const refused = findings.filter(({ level }) => level === 'refuse');
    // A table that is left out can be the reason for another one, so this ends when no further one is.
    const more = refused.flatMap((finding) => victims(finding, plan));
    if (more.length > 0) {
      faults.push(...more);
      for (const { table } of more) out.add(table);
      continue;
    }
    const refusals = refused.filter(({ table }) => table === undefined).map(({ message }) => message);
    if (plan.plans.length === 0)
      refusals.push(
        ...(faults.length > 0
          ? faults.map(({ message }) => message)
          : ['No table of the sync file exists on this server: check the sync file and MYSQL_URL.']),
      );
    const said = findings.filter(({ level }) => level !== 'refuse');
    return { plan, faults, skipped: inspection.skipped, refusals, findings: said };
  }
}

/** Throws a fatal SyncError `PREFLIGHT` with every reason when nothing of the sync file can be captured. */
export async function requireUsable(connection: Connection, config: SyncConfig): Promise<void> {
  const { refusals } = await planUsable(connection, config);
  if (refusals.length > 0) throw refusal(refusals);
}

/** Whom a refused table takes along: itself when it is captured, else the captured ones that cascades reach through it. */
export function victims(
  { table, code = 'UNFIT', message }: Finding,
  { plans, keys }: WholePlan,
): TableFault[] {
  if (table === undefined) return [];
  const captured = plans.map(({ settings }) => settings.table);
  if (code !== 'CASCADES' && captured.includes(table)) return [{ table, code, message }];
  const reached = reachedFrom(table, keys);
  return captured.filter((name) => reached.has(name)).map((name) => ({ table: name, code, message }));
}

function reachedFrom(table: string, keys: readonly ForeignKey[]): Set<string> {
  const reached = new Set<string>();
  const open = [table];
  for (let parent = open.pop(); parent !== undefined; parent = open.pop())
    for (const { child } of keys.filter((key) => key.parent === parent))
      if (!reached.has(child)) {
        reached.add(child);
        open.push(child);
      }
  return reached;
}

/**
 * A pattern's word on a column that no table has is a slip of the pen, which could let through what was to be hidden; or
 * the last such column was dropped. A table of which nothing would be captured that was not captured so before goes on.
 */
async function slipFaults(
  connection: Connection,
  { captureSchema }: SyncConfig,
  { plans }: WholePlan,
  slips: readonly PatternSlip[],
): Promise<TableFault[]> {
  if (slips.length === 0) return [];
  const present = await presentTables(connection, captureSchema);
  const shapes = present.has('table_shape') ? await readShapes(connection, captureSchema) : [];
  const known = new Set(shapes.flatMap(({ schema }) => columnTexts(schema)));
  return plans
    .filter(({ schema }) => !columnTexts(schema).every((text) => known.has(text)))
    .flatMap(({ settings: { table } }) =>
      slips
        .filter(({ tables }) => tables.includes(table))
        .map(({ message }): TableFault => ({ table, code: 'UNKNOWN_COLUMN', message })),
    );
}

const columnTexts = ({ table, columns }: RowSchema) =>
  columns.map((column) => `${table} ${JSON.stringify([column.name, column.field, column.mask])}`);
