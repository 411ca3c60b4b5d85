import { SyncError } from '@tributary/kernel';
import type { SyncConfig } from '@tributary/sync-config';
import type { Connection } from 'mysql2/promise';
import { createCaptureSchema, dropCaptureSchema, presentTables } from './capture-schema';
import { narrowed, tablesOf, wantedTriggers, type CapturePlan } from './capture-plan';
import { chooseDefiner, type Definer } from './definer';
import { refusal } from './describe';
import { readTriggers, type OwnTrigger } from './existing-triggers';
import { currentGrants } from './grants';
import { withInstallLock } from './install-lock';
import type { Finding } from './finding';
import { readShapes, registerShapes } from './shapes';
import { suspensionOf, type SkippedTable, type Suspension } from './table-fault';
import { targetOf, triggerStem } from './trigger-sql';
import { planUsable, type UsablePlan } from './usable-plan';
import { upToDate, type WantedTrigger } from './wanted-triggers';
import { dropTriggers, replaceTriggers, type OnWaiting } from './replace-triggers';

export interface InstallOptions {
  /** Only these tables (`database.table`); the others are left as they are. */
  readonly tables?: readonly string[];
  /**
   * Called for a table whose triggers cannot be made now (somebody's transaction on it stays open, the server refuses a
   * statement); the others go on. Without it such an error is thrown.
   */
  readonly onFailure?: (table: string, error: Error) => void;
  /** Called after each table. */
  readonly onTable?: (outcome: TableOutcome) => void;
  /** Told every few seconds what the work waits for, in one sentence. */
  readonly onWaiting?: OnWaiting;
}

export interface TableOutcome {
  /** A table of the sync file, or one whose deletes or key changes cascade into such. */
  readonly table: string;
  readonly action: 'created' | 'replaced' | 'unchanged';
}

export interface InstallResult {
  readonly tables: readonly TableOutcome[];
  /** `user@host` whose rights the triggers run with. */
  readonly definer: string;
  /** Sentences worth showing: warnings of preflight, and why the definer is not the dedicated account. */
  readonly notes: readonly string[];
  /** Tables and entries that cannot be captured; the others are. */
  readonly suspended: readonly Suspension[];
  /** Matches of the sync file's patterns that are no tables, or are excluded. */
  readonly skipped: readonly SkippedTable[];
}

/**
 * Installs capture for the tables of the sync file, or brings it up to date; a second call changes nothing. All tables
 * are checked before anything is changed (R14); those that cannot be captured are left out and named (R15), and the
 * triggers of those that the file excludes are removed. Throws a fatal SyncError `PREFLIGHT` listing every reason when
 * the server is not fit, or no table is.
 */
export async function installCapture(
  connection: Connection,
  config: SyncConfig,
  options: InstallOptions = {},
): Promise<InstallResult> {
  const usable = await planUsable(connection, config);
  const { plan: whole, findings, skipped } = usable;
  const plan = chosenPart(config, usable, options.tables);
  return withInstallLock(connection, config.captureSchema, options.onWaiting, async () => {
    const definer = await chooseDefiner(
      connection,
      whole.plans[0]!.flavour,
      await currentGrants(connection),
      // Of all, as the status asks: one table must not get another definer than the rest.
      tablesOf(whole),
      config.captureSchema,
    );
    await createCaptureSchema(connection, config.captureSchema);
    const before = await readShapes(connection, config.captureSchema);
    const shapes = await registerShapes(
      connection,
      config.captureSchema,
      whole.plans.map(({ schema }) => schema),
    );
    const all = wantedTriggers(whole, ({ schema }) =>
      targetOf(config.captureSchema, shapes.get(schema)!, schema),
    );
    // All triggers of each: a parent that is captured itself keeps those of its own rows.
    const reached = new Set([
      ...plan.plans.map(({ settings }) => settings.table),
      ...plan.cascades.parents.map(({ table }) => table),
    ]);
    const wanted = new Map([...all].filter(([table]) => reached.has(table)));
    const captured = new Set(before.map(({ schema }) => schema.table));
    const fresh = whole.plans.map(({ schema }) => schema.table).filter((table) => !captured.has(table));
    const tables = await installTables(
      connection,
      config.captureSchema,
      wanted,
      definer,
      new Set(fresh),
      options,
    );
    if (!options.tables) await dropExcluded(connection, config, [...wanted.keys()], options.onWaiting);
    const suspended = usable.faults.map(suspensionOf);
    return { tables, definer: definer.account, notes: notesOf(findings, definer), suspended, skipped };
  });
}

function chosenPart(
  config: SyncConfig,
  { plan: whole, faults, refusals }: UsablePlan,
  tables: readonly string[] | undefined,
): CapturePlan {
  const unknown = (tables ?? []).filter(
    (table) => !config.table(table) && !whole.cascades.parents.some((parent) => parent.table === table),
  );
  const messages = [
    ...unknown.map((table) => `${table} is not a table of the sync file: add it there or correct the name.`),
    ...refusals,
  ];
  if (messages.length > 0) throw refusal(messages);
  if (!tables) return whole;
  const plan = narrowed(whole, tables);
  if (plan.plans.length === 0 && plan.cascades.parents.length === 0)
    throw refusal(faults.filter(({ table }) => tables.includes(table)).map(({ message }) => message));
  return plan;
}

/** An excluded table goes without triggers, unless its cascades reach others. */
async function dropExcluded(
  connection: Connection,
  config: SyncConfig,
  wanted: readonly string[],
  onWaiting: OnWaiting | undefined,
): Promise<void> {
  const { own } = await readTriggers(connection, config.captureSchema);
  const excluded = own.filter(({ table }) => config.isExcluded(table) && !wanted.includes(table));
  for (const [table, triggers] of groupByTable(excluded))
    await dropTriggers(connection, table, triggers, onWaiting);
}

const notesOf = (findings: readonly Finding[], definer: Definer) => [
  ...findings.map(({ message }) => message),
  ...(definer.note ? [definer.note] : []),
];

async function installTables(
  connection: Connection,
  captureSchema: string,
  wanted: ReadonlyMap<string, readonly WantedTrigger[]>,
  definer: Definer,
  fresh: ReadonlySet<string>,
  { onTable, onWaiting, onFailure }: InstallOptions,
): Promise<TableOutcome[]> {
  const { own } = await readTriggers(connection, captureSchema);
  const outcomes: TableOutcome[] = [];
  for (const [table, triggers] of wanted) {
    const existing = own.filter((trigger) => trigger.table === table);
    const unchanged = upToDate(triggers, existing, definer.account);
    try {
      if (!unchanged)
        await replaceTriggers(
          connection,
          table,
          captureSchema,
          triggers,
          own,
          definer,
          fresh.has(table),
          onWaiting,
        );
    } catch (error) {
      if (!onFailure || !isOfTable(error)) throw error;
      onFailure(table, error as Error);
      continue;
    }
    const action = unchanged ? 'unchanged' : existing.length > 0 ? 'replaced' : 'created';
    outcomes.push({ table, action });
    onTable?.({ table, action });
  }
  await dropMoved(connection, captureSchema, own, [...wanted.keys()], onWaiting);
  return outcomes;
}

const isOfTable = (error: unknown) =>
  (error instanceof SyncError && error.code === 'BUSY') ||
  (error as { sqlState?: string }).sqlState !== undefined;

/** Triggers that a table swap took from these tables would go on logging under their names; those on them are replaced. */
async function dropMoved(
  connection: Connection,
  captureSchema: string,
  own: readonly OwnTrigger[],
  tables: readonly string[],
  onWaiting: OnWaiting | undefined,
): Promise<void> {
  const stems = new Set(tables.map((table) => triggerStem(captureSchema, table)));
  const moved = own.filter(
    (trigger) =>
      trigger.moved && !trigger.inert && stems.has(trigger.stem) && !tables.includes(trigger.table),
  );
  for (const [table, triggers] of groupByTable(moved))
    await dropTriggers(connection, table, triggers, onWaiting);
}

export interface UninstallOptions {
  /** Only these tables (`database.table`). */
  readonly tables?: readonly string[];
  /** Drop the capture schema as well, with whatever the log still holds; only when no trigger of ours is left. */
  readonly all?: boolean;
  /** As `InstallOptions.onWaiting`. */
  readonly onWaiting?: OnWaiting;
}

export interface UninstallResult {
  /** Names of the triggers dropped, `database.trigger`. */
  readonly dropped: readonly string[];
  readonly schemaDropped: boolean;
}

/** Removes our triggers and nothing else; tables that the sync file no longer names are included. */
export async function uninstallCapture(
  connection: Connection,
  config: Pick<SyncConfig, 'captureSchema'>,
  { tables, all = false, onWaiting }: UninstallOptions = {},
): Promise<UninstallResult> {
  return withInstallLock(connection, config.captureSchema, onWaiting, async () => {
    const { own } = await readTriggers(connection, config.captureSchema);
    const chosen = tables ? own.filter(({ table }) => tables.includes(table)) : own;
    for (const [table, triggers] of groupByTable(chosen))
      await dropTriggers(connection, table, triggers, onWaiting);
    const schemaDropped =
      all && chosen.length === own.length && (await presentTables(connection, config.captureSchema)).size > 0;
    if (schemaDropped) await dropCaptureSchema(connection, config.captureSchema);
    return { dropped: chosen.map(({ database, name }) => `${database}.${name}`), schemaDropped };
  });
}

function groupByTable(triggers: readonly OwnTrigger[]): Map<string, OwnTrigger[]> {
  const groups = new Map<string, OwnTrigger[]>();
  for (const trigger of triggers) groups.set(trigger.table, [...(groups.get(trigger.table) ?? []), trigger]);
  return groups;
}
