import type { SyncConfig } from '@tributary/sync-config';
import type { Connection } from 'mysql2/promise';
import { createCaptureSchema, dropCaptureSchema, presentTables } from './capture-schema';
import { narrowed, planCapture, tablesOf, wantedTriggers, type CapturePlan } from './capture-plan';
import { chooseDefiner, type Definer } from './definer';
import { refusal } from './describe';
import { readTriggers, type OwnTrigger } from './existing-triggers';
import { currentGrants } from './grants';
import { withInstallLock } from './install-lock';
import { preflight } from './preflight';
import type { Finding } from './finding';
import { readShapes, registerShapes } from './shapes';
import { targetOf, triggerStem } from './trigger-sql';
import { upToDate, type WantedTrigger } from './wanted-triggers';
import { dropTriggers, replaceTriggers, type OnWaiting } from './replace-triggers';

export interface InstallOptions {
  /** Only these tables (`database.table`); the others are left as they are. */
  readonly tables?: readonly string[];
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
}

/**
 * Installs capture for the tables of the sync file, or brings it up to date; a second call changes nothing. All
 * tables are checked before anything is changed (R14). Throws a fatal SyncError `PREFLIGHT` listing every reason.
 */
export async function installCapture(
  connection: Connection,
  config: SyncConfig,
  options: InstallOptions = {},
): Promise<InstallResult> {
  const whole = await planCapture(connection, config);
  const plan = chosenPart(config, whole, options.tables);
  const findings = await preflight(connection, config, plan);
  const refusals = findings.filter(({ level }) => level === 'refuse');
  if (refusals.length > 0) throw refusal(refusals.map(({ message }) => message));
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
    return { tables, definer: definer.account, notes: notesOf(findings, definer) };
  });
}

function chosenPart(
  config: SyncConfig,
  whole: CapturePlan,
  tables: readonly string[] | undefined,
): CapturePlan {
  const plan = tables ? narrowed(whole, tables) : whole;
  const unknown = (tables ?? []).filter(
    (table) => !config.table(table) && !whole.cascades.parents.some((parent) => parent.table === table),
  );
  const messages = [
    ...unknown.map((table) => `${table} is not a table of the sync file: add it there or correct the name.`),
    ...plan.faults.map(({ message }) => message),
  ];
  if (messages.length > 0) throw refusal(messages);
  if (plan.plans.length === 0 && plan.cascades.parents.length === 0)
    throw refusal(['No table of the sync file exists on this server: check the sync file and MYSQL_URL.']);
  return plan;
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
  { onTable, onWaiting }: InstallOptions,
): Promise<TableOutcome[]> {
  const { own } = await readTriggers(connection, captureSchema);
  const outcomes: TableOutcome[] = [];
  for (const [table, triggers] of wanted) {
    const existing = own.filter((trigger) => trigger.table === table);
    const unchanged = upToDate(triggers, existing, definer.account);
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
    const action = unchanged ? 'unchanged' : existing.length > 0 ? 'replaced' : 'created';
    outcomes.push({ table, action });
    onTable?.({ table, action });
  }
  await dropMoved(connection, captureSchema, own, [...wanted.keys()], onWaiting);
  return outcomes;
}

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
