import type { RowSchema } from '@tributary/change-event';
import type { SyncConfig } from '@tributary/sync-config';
import type { Connection } from 'mysql2/promise';
import { presentTables } from './capture-schema';
import { chooseDefiner } from './definer';
import { inspectTables, type TablePlan } from './describe';
import { readTriggers, type OwnTrigger } from './existing-triggers';
import { currentGrants } from './grants';
import { readShapes, shapeIndex, shapeKey, type Shape } from './shapes';
import { eventNames, triggerEvents } from './trigger-sql';
import { upToDate, wantedTriggers } from './wanted-triggers';

/**
 * `ok`; `missing`: a trigger is not there; `stale`: it logs another column list or rule than the table and the sync
 * file ask for; `duplicate`: a crash left two for one event; `definer`: it runs with another account's rights;
 * `changed`: its text was altered; `faulty`: the table can no longer be captured; `orphan`: captured, but not in the sync file.
 */
export type CaptureState =
  'ok' | 'missing' | 'stale' | 'duplicate' | 'definer' | 'changed' | 'faulty' | 'orphan';

export interface CaptureStatus {
  /** `database.table`, or the sync file's pattern. */
  readonly table: string;
  readonly state: CaptureState;
  /** What differs and what to do, empty when ok. */
  readonly detail: string;
}

/** How triggers and tables stand to the sync file; `installCapture` on what is not ok repairs it. */
export async function captureStatus(connection: Connection, config: SyncConfig): Promise<CaptureStatus[]> {
  const { plans, faults } = await inspectTables(connection, config);
  const { own } = await readTriggers(connection, config.captureSchema);
  const present = await presentTables(connection, config.captureSchema);
  const shapes = present.has('table_shape') ? await readShapes(connection, config.captureSchema) : [];
  const definer =
    plans.length === 0
      ? ''
      : (
          await chooseDefiner(
            connection,
            plans[0]!.flavour,
            await currentGrants(connection),
            plans,
            config.captureSchema,
          )
        ).account;
  const planned = new Set(plans.map(({ settings }) => settings.table));
  const orphans = [...new Set(own.map(({ table }) => table))].filter(
    (table) => !planned.has(table) && !config.table(table),
  );
  return [
    ...faults.map(({ table, message }): CaptureStatus => ({ table, state: 'faulty', detail: message })),
    ...plans.map((plan) =>
      tableStatus(
        plan,
        own.filter(({ table }) => table === plan.settings.table),
        { captureSchema: config.captureSchema, shapes, definer },
      ),
    ),
    ...orphans.map((table): CaptureStatus => ({
      table,
      state: 'orphan',
      detail: `${table} is captured but not in the sync file: add it there, or run tributary capture uninstall --table ${table}.`,
    })),
  ];
}

interface Expected {
  readonly captureSchema: string;
  readonly shapes: readonly Shape[];
  readonly definer: string;
}

function tableStatus(plan: TablePlan, existing: readonly OwnTrigger[], expected: Expected): CaptureStatus {
  const { table } = plan.settings;
  const status = (state: CaptureState, detail: string): CaptureStatus => ({ table, state, detail });
  const repair = `run tributary capture repair --table ${table}`;
  const missing = triggerEvents.filter((event) => !existing.some((trigger) => trigger.event === event));
  if (missing.length > 0)
    return status(
      'missing',
      `${table} has no capture trigger for ${missing.map((event) => eventNames[event]).join(', ')}: ${repair}, then load the table again (tributary snapshot start --table ${table}).`,
    );
  const shapeId = shapeIndex(expected.shapes).get(shapeKey(plan.schema));
  const captured = capturedShape(existing, expected.shapes);
  if (shapeId === undefined || (captured && captured.id !== shapeId))
    return status('stale', `${table} has changed: ${difference(captured?.schema, plan.schema)}; ${repair}.`);
  const wanted = wantedTriggers(plan, { captureSchema: expected.captureSchema, shapeId });
  if (upToDate(wanted, existing, expected.definer)) return status('ok', '');
  if (existing.length > wanted.length)
    return status(
      'duplicate',
      `${table} has ${existing.length} capture triggers instead of ${wanted.length}: ${repair}.`,
    );
  const other = existing.find(({ definer }) => definer !== expected.definer);
  if (other)
    return status(
      'definer',
      `The triggers of ${table} run with the rights of ${other.definer} instead of ${expected.definer}: ${repair}.`,
    );
  return status('changed', `The triggers of ${table} do not say what the sync file asks for: ${repair}.`);
}

/** The shape that the newest trigger logs. */
function capturedShape(existing: readonly OwnTrigger[], shapes: readonly Shape[]): Shape | undefined {
  const newest = existing.reduce((a, b) => (b.version > a.version ? b : a));
  const id = Number(/VALUES \((\d+), /.exec(newest.body)?.[1]);
  return shapes.find((shape) => shape.id === id);
}

/** What has changed between two column lists, in words. */
export function difference(old: RowSchema | undefined, now: RowSchema): string {
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
