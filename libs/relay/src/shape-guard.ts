import type { DdlSentinel, TablePlan, TableView } from '@tributary/capture';
import { keyColumns, type Column, type RowSchema } from '@tributary/contract';
import type { TableEvents } from './table-events';

/** How an entry's row is to be had: from the image that it holds, or by its key from the table as it is now. */
export type Reading = 'image' | 'key';

export interface ShapeGuardDeps {
  readonly sentinel: Pick<DdlSentinel, 'changed'>;
  /** Looks at all captured tables. */
  readonly view: () => Promise<ReadonlyMap<string, TableView>>;
  /** Those of the tables, which a look did not find, that are not known to be gone. */
  readonly hidden: (tables: readonly string[]) => Promise<ReadonlySet<string>>;
  /** The tables as they are; brought up to date in place. */
  readonly plans: Map<string, TablePlan>;
  readonly events: Pick<TableEvents, 'emit'>;
}

/**
 * Entries are read by the shape of their own time. But one that was logged after an ALTER, by triggers that were made
 * before it, holds values of the new type under the old shape, and after a table swap the triggers log another table's
 * rows. So after each read of the log, and before anything of it is published, its tables are asked whether they have
 * changed; no clock decides.
 */
export class ShapeGuard {
  #views: ReadonlyMap<string, TableView>;
  /** Tables that are there, as far as is known, and that the last look did not find. */
  #hidden: ReadonlySet<string> = new Set();
  /** All tables that were looked for. */
  readonly #sought: Set<string>;
  /** Looks that were begun, and the latest begun of those that have ended. */
  #looks = 0;
  #latest = 0;
  readonly #readings = new Map<string, Reading>();
  /** By table: entries up to this id may be of a table that was swapped away. */
  readonly #distrusted = new Map<string, bigint>();

  /** `views`: the tables when the term began. */
  constructor(
    private readonly deps: ShapeGuardDeps,
    views: ReadonlyMap<string, TableView>,
  ) {
    this.#views = views;
    this.#sought = new Set(views.keys());
  }

  /** Whether readings may be others than before this call. Calls must not overlap. */
  async check(tables: ReadonlySet<string>): Promise<boolean> {
    if (!(await this.deps.sentinel.changed(tables))) return false;
    for (const table of tables) this.#sought.add(table);
    const before = this.#views;
    await this.refresh();
    const drifted = [...tables].some(
      (table) => stateOf(before.get(table)) !== stateOf(this.#views.get(table)),
    );
    if (drifted) this.deps.events.emit('changed');
    return true;
  }

  /** Looks at the tables anew. Of looks at the same time the one that was begun last counts. */
  async refresh(): Promise<void> {
    const { view, hidden, plans } = this.deps;
    const look = (this.#looks += 1);
    const views = await view();
    const unseen = await hidden([...this.#sought].filter((table) => !views.has(table)));
    if (look < this.#latest) return;
    this.#latest = look;
    [this.#views, this.#hidden] = [views, unseen];
    this.#readings.clear();
    for (const table of plans.keys()) if (!this.#views.has(table)) plans.delete(table);
    for (const [table, { plan }] of this.#views) plans.set(table, plan);
  }

  /** From now on entries of the table with ids up to this one are read by key only. */
  distrust(table: string, id: bigint): void {
    this.#distrusted.set(table, id);
  }

  /** The id up to which entries of the table are; 0: none. */
  distrusted(table: string): bigint {
    return this.#distrusted.get(table) ?? 0n;
  }

  reading(schema: RowSchema, id: bigint): Reading {
    if (id <= this.distrusted(schema.table)) return 'key';
    const known = this.#readings.get(schema.fingerprint); // it says the table as well
    if (known) return known;
    const reading = this.#read(schema);
    this.#readings.set(schema.fingerprint, reading);
    return reading;
  }

  /** Whether rows read from the table by this shape are what it says, and have the keys of now. */
  fits(schema: RowSchema): boolean {
    const view = this.#views.get(schema.table);
    const now = view?.plan.schema;
    return now !== undefined && sameTypes(schema, now) && sameKey(schema, now);
  }

  #read(schema: RowSchema): Reading {
    const view = this.#views.get(schema.table);
    // Of a table that is gone there is nothing but what was logged; one that is hidden may have been altered.
    if (!view) return this.#hidden.has(schema.table) ? 'key' : 'image';
    return view.captured && sameTypes(schema, view.plan.schema) ? 'image' : 'key';
  }
}

const stateOf = (view: TableView | undefined) => view && `${view.captured} ${view.plan.schema.fingerprint}`;

/** Whether the columns that both have, by name, hold the same values. */
function sameTypes(logged: RowSchema, now: RowSchema): boolean {
  if (logged.fingerprint === now.fingerprint) return true;
  const current = new Map(now.columns.map((column) => [column.name, typeText(column)]));
  return logged.columns.every((column) => {
    const type = current.get(column.name);
    return type === undefined || type === typeText(column);
  });
}

const typeText = ({ sourceKind, sqlType, charset }: Column) => `${sourceKind} ${sqlType} ${charset}`;

/** Whether a row can be found by a key that was logged under another shape. */
export function sameKey(logged: RowSchema, now: RowSchema): boolean {
  if (logged.fingerprint === now.fingerprint) return true;
  const text = (schema: RowSchema) =>
    keyColumns(schema)
      .map(({ name, sourceKind }) => `${sourceKind} ${name}`)
      .join('\0');
  return text(logged) === text(now);
}
