import type { RowSchema } from '@tributary/contract';
import type { SyncConfig } from '@tributary/sync-config';
import type { Connection } from 'mysql2/promise';
import { presentTables } from './capture-schema';
import { tablesOf, wantedTriggers, type CapturePlan } from './capture-plan';
import { cascadeGaps } from './cascade-gaps';
import { chooseDefiner } from './definer';
import { readTriggers, type OwnTrigger } from './existing-triggers';
import { currentGrants } from './grants';
import { readShapes, shapeIndex, shapeKey, type Shape } from './shapes';
import { suspensionOf, type SkippedTable, type Suspension, type TableFault } from './table-fault';
import { eventNames, targetOf, triggerStem } from './trigger-sql';
import { planUsable, type UsablePlan } from './usable-plan';
import { upToDate, type WantedTrigger } from './wanted-triggers';

/**
 * `ok`; `missing`: a trigger is not there; `stale`: it logs another column list or rule than the table and the sync
 * file ask for; `duplicate`: a crash left two for one event; `definer`: it runs with another account's rights;
 * `changed`: its text was altered; `suspended`: the table cannot be captured; `orphan`: captured, but not in the sync
 * file; `moved`: it carries the triggers of another table, `home`, which a RENAME took along;
 * `copied`: a dump was restored into another database, where its triggers log nothing; `overtaken`: triggers of the
 * application run after the one that logs cascades.
 */
export type CaptureState =
  | 'ok'
  | 'missing'
  | 'stale'
  | 'duplicate'
  | 'definer'
  | 'changed'
  | 'suspended'
  | 'orphan'
  | 'moved'
  | 'copied'
  | 'overtaken';

export interface CaptureStatus {
  /** `database.table`, or the sync file's pattern. */
  readonly table: string;
  readonly state: CaptureState;
  /** The table whose repair ends the state `moved`, when that table is there. */
  readonly home?: string;
  /** Captured tables whose changes by a cascade were missed, or may have been: load them again after the repair. */
  readonly children?: readonly string[];
  /** What differs and what to do, empty when ok. */
  readonly detail: string;
}

/** How capture stands to the sync file. */
export interface CaptureReport {
  readonly statuses: readonly CaptureStatus[];
  readonly suspended: readonly Suspension[];
  readonly skipped: readonly SkippedTable[];
  /** What keeps the whole file from being installed, sentences. */
  readonly refusals: readonly string[];
}

/** How triggers and tables stand to the sync file; `installCapture` on what is not ok repairs it. */
export async function captureStatus(connection: Connection, config: SyncConfig): Promise<CaptureStatus[]> {
  return [...(await captureReport(connection, config)).statuses];
}

/** `usable`: the plan, where it was made a moment ago. */
export async function captureReport(
  connection: Connection,
  config: SyncConfig,
  usable?: UsablePlan,
): Promise<CaptureReport> {
  const { plan, faults, skipped, refusals } = usable ?? (await planUsable(connection, config));
  const statuses = await statusesOf(connection, config, plan, faults);
  return { statuses, suspended: faults.map(suspensionOf), skipped, refusals };
}

async function statusesOf(
  connection: Connection,
  config: SyncConfig,
  plan: CapturePlan,
  faults: readonly TableFault[],
): Promise<CaptureStatus[]> {
  const { captureSchema } = config;
  const { own } = await readTriggers(connection, captureSchema);
  const present = await presentTables(connection, captureSchema);
  const shapes = present.has('table_shape') ? await readShapes(connection, captureSchema) : [];
  const ids = shapeIndex(shapes);
  const wanted = wantedTriggers(plan, ({ schema }) =>
    targetOf(captureSchema, ids.get(shapeKey(schema)) ?? 0, schema),
  );
  const definer = await expectedDefiner(connection, config, plan);
  const strays = own.filter(({ table, inert }) => !wanted.has(table) && !inert);
  const copies = new Set(
    own.filter(({ table, inert }) => !wanted.has(table) && inert).map(({ table }) => table),
  );
  const movedTo = new Set(strays.filter(({ moved }) => moved).map(({ table }) => table));
  const orphans = [...new Set(strays.map(({ table }) => table))].filter(
    (table) => !movedTo.has(table) && !config.table(table),
  );
  return [
    ...faults.map(({ table, message }): CaptureStatus => ({ table, state: 'suspended', detail: message })),
    ...[...wanted].map(([table, triggers]) => {
      const existing = own.filter((trigger) => trigger.table === table);
      const schema = plan.plans.find(({ settings }) => settings.table === table)?.schema;
      const children = cascadeGaps(triggers, existing);
      const status = tableStatus(table, triggers, existing, { shapes, definer, schema, children });
      return status.state === 'ok' ? status : { ...status, children };
    }),
    ...[...movedTo].map((table) =>
      movedStatus(
        table,
        [...wanted.keys()].find((home) =>
          strays.some(
            (trigger) => trigger.table === table && trigger.stem === triggerStem(captureSchema, home),
          ),
        ),
      ),
    ),
    ...[...copies].map((table): CaptureStatus => ({
      table,
      state: 'copied',
      detail: `${table} carries copies of capture triggers from a dump of another database; they log nothing, and would fail its writes if the capture schema were dropped: tributary capture uninstall --table ${table} drops them.`,
    })),
    ...orphans.map((table): CaptureStatus => ({
      table,
      state: 'orphan',
      detail: config.isExcluded(table)
        ? `${table} is captured but excluded in the sync file: run tributary capture install, or restart the relay.`
        : `${table} is captured but not in the sync file: add it there, or run tributary capture uninstall --table ${table}.`,
    })),
  ];
}

function movedStatus(table: string, home: string | undefined): CaptureStatus {
  return home === undefined
    ? {
        table,
        state: 'moved',
        detail: `${table} carries the capture triggers of a table that was renamed to it: rename it back, or run tributary capture uninstall --table ${table}.`,
      }
    : {
        table,
        state: 'moved',
        home,
        detail: `${table} carries the capture triggers of ${home} since a table swap: run tributary capture repair --table ${home}, then load ${home} again (tributary snapshot start --table ${home}).`,
      };
}

async function expectedDefiner(
  connection: Connection,
  config: SyncConfig,
  plan: CapturePlan,
): Promise<string> {
  const [first] = plan.plans;
  if (!first) return '';
  const grants = await currentGrants(connection);
  const tables = tablesOf(plan);
  return (await chooseDefiner(connection, first.flavour, grants, tables, config.captureSchema)).account;
}

interface Expected {
  readonly shapes: readonly Shape[];
  readonly definer: string;
  /** Absent for a table that only cascades into captured ones. */
  readonly schema: RowSchema | undefined;
  /** Captured tables that the table's cascades may have changed unseen. */
  readonly children: readonly string[];
}

function tableStatus(
  table: string,
  wanted: readonly WantedTrigger[],
  existing: readonly OwnTrigger[],
  { shapes, definer, schema, children }: Expected,
): CaptureStatus {
  const status = (state: CaptureState, detail: string): CaptureStatus => ({ table, state, detail });
  const repair = `run tributary capture repair --table ${table}`;
  const missing = wanted.filter(
    ({ event }) => !existing.some((trigger) => trigger.event === event && !trigger.moved),
  );
  if (missing.length > 0) {
    const events = missing.map(({ event }) => eventNames[event]).join(', ');
    const loads = [...new Set([...(schema ? [table] : []), ...children])];
    const what = loads.join() === table ? 'the table' : loads.join(', ');
    const commands = loads.map((name) => `tributary snapshot start --table ${name}`).join(', ');
    return status(
      'missing',
      `${table} has no capture trigger for ${events}: ${repair}, then load ${what} again (${commands}).`,
    );
  }
  if (upToDate(wanted, existing, definer)) return status('ok', '');
  const captured = capturedShape(existing, shapes);
  if (schema && captured?.schema.fingerprint !== schema.fingerprint)
    return status('stale', `${table} has changed: ${difference(captured?.schema, schema)}; ${repair}.`);
  if (existing.length > wanted.length)
    return status(
      'duplicate',
      `${table} has ${existing.length} capture triggers instead of ${wanted.length}: ${repair}.`,
    );
  if (existing.some(({ overtaken }) => overtaken))
    return status(
      'overtaken',
      `Triggers of the application on ${table} run after the one that logs cascades, and may change what it has seen: ${repair}.`,
    );
  const other = existing.find((trigger) => trigger.definer !== definer);
  if (other)
    return status(
      'definer',
      `The triggers of ${table} run with the rights of ${other.definer} instead of ${definer}: ${repair}.`,
    );
  return status('changed', `The triggers of ${table} do not say what the sync file asks for: ${repair}.`);
}

/** The shape that the newest trigger logs. */
function capturedShape(existing: readonly OwnTrigger[], shapes: readonly Shape[]): Shape | undefined {
  const own = existing.filter(({ event }) => event === 'i');
  const newest = own.reduce<OwnTrigger | undefined>(
    (a, b) => (a && a.version > b.version ? a : b),
    undefined,
  );
  const id = Number(/VALUES \((\d+), /.exec(newest?.body ?? '')?.[1]);
  return shapes.find((shape) => shape.id === id);
}

/** What has changed between two column lists, in words. */
function difference(old: RowSchema | undefined, now: RowSchema): string {
  if (!old) return 'its columns are not those that its triggers were made for';
  const before = new Map(old.columns.map((column) => [column.name, column]));
  const after = new Map(now.columns.map((column) => [column.name, column]));
  const parts = [
    ...now.columns.filter(({ name }) => !before.has(name)).map(({ name }) => `column ${name} is new`),
    ...old.columns.filter(({ name }) => !after.has(name)).map(({ name }) => `column ${name} is gone`),
    ...now.columns.flatMap((column) => {
      const was = before.get(column.name);
      if (!was || JSON.stringify(was) === JSON.stringify(column)) return [];
      return was.sqlType === column.sqlType
        ? [`column ${column.name} is captured in another way`]
        : [`column ${column.name} was ${was.sqlType} and is ${column.sqlType}`];
    }),
  ];
  if (old.key.join('\0') !== now.key.join('\0'))
    parts.push(`the key was (${old.key.join(', ')}) and is (${now.key.join(', ')})`);
  return parts.join(', ') || 'the order of its columns';
}
