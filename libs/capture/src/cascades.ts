import type { TablePlan } from './describe';
import { imageExpression } from './expressions';
import type { ForeignKey } from './foreign-keys';
import { quoteIdentifier, quoteTable } from './identifiers';
import { markerStatement } from './marker';
import { keyOf } from './row-key';
import { changeLog, crcExpression, unkeyedStatement, type TriggerTarget } from './trigger-sql';
import type { WantedTrigger } from './wanted-triggers';

/** InnoDB refuses to cascade further. */
const MAX_DEPTH = 15;
/** Cascades with more ways from one table than this are refused by name. */
const MAX_STATEMENTS = 200;

/** A table whose deletes or key changes reach captured tables by foreign keys. */
export interface CascadeParent {
  /** `database.table`; it need not be captured itself. */
  readonly table: string;
  /** Every table that its triggers read, itself included. */
  readonly tables: readonly string[];
  readonly triggers: (targetOf: (plan: TablePlan) => TriggerTarget) => WantedTrigger[];
}

export interface Cascades {
  readonly parents: readonly CascadeParent[];
  /** Tables whose cascades cannot be covered. */
  readonly faults: readonly { readonly table: string; readonly message: string }[];
}

/**
 * Plans the triggers for what foreign keys do behind the children's own (R8), all levels, composite and self-referencing
 * keys included. They run BEFORE the parent's change, when the children can still be found, and log each child's key
 * without images: the relay reads the row after the commit, so it does not matter what the cascade made of it, nor
 * whether the change came about at all.
 */
export function planCascades(keys: readonly ForeignKey[], plans: readonly TablePlan[]): Cascades {
  const parents: CascadeParent[] = [];
  const faults: { table: string; message: string }[] = [];
  for (const table of new Set(keys.map(({ parent }) => parent))) {
    const walker = new CascadeWalker(keys, plans);
    const triggers = (targetOf: (plan: TablePlan) => TriggerTarget) => walker.triggers(table, targetOf);
    try {
      if (triggers(() => ({ captureSchema: '', shapeId: 0 })).length > 0)
        parents.push({ table, tables: [table, ...walker.tables], triggers });
    } catch (error) {
      if (!(error instanceof TooManyWays)) throw error;
      faults.push({
        table,
        message: `The foreign keys that cascade from ${table} (${error.constraint} and others) reach captured tables in more ways than triggers can follow: make one of them RESTRICT, or take the children out of the sync file.`,
      });
    }
  }
  return { parents, faults };
}

class TooManyWays extends Error {
  constructor(readonly constraint: string) {
    super(constraint);
  }
}

/** What a cascade does to a table's rows: deletes them, or gives columns new values (`null`: NULL). */
type Effect = 'deleted' | ReadonlyMap<string, string | null>;

interface Level {
  readonly table: string;
  readonly alias: string;
  readonly depth: number;
  readonly effect: Effect;
  /** FROM and WHERE so far. */
  readonly from: string;
  readonly where: string;
}

class CascadeWalker {
  /** Tables read by the statements of the last call. */
  readonly tables = new Set<string>();
  readonly #keys: readonly ForeignKey[];
  readonly #plans: ReadonlyMap<string, TablePlan>;
  #statements = 0;

  constructor(keys: readonly ForeignKey[], plans: readonly TablePlan[]) {
    this.#keys = keys;
    this.#plans = new Map(plans.map((plan) => [plan.settings.table, plan]));
  }

  triggers(table: string, targetOf: (plan: TablePlan) => TriggerTarget): WantedTrigger[] {
    this.#statements = 0;
    const root = { table, alias: 'OLD', depth: 0, from: '', where: '' };
    const below = this.#from({ ...root, effect: 'deleted' }, targetOf);
    const deletes = below.length > 0 ? [this.#marker(targetOf), ...below] : [];
    const referenced = this.#keys
      .filter(({ parent }) => parent === table)
      .flatMap(({ references }) => references);
    const values = new Map(referenced.map((column) => [column, `NEW.${quoteIdentifier(column)}`]));
    const updates = this.#from({ ...root, effect: values }, targetOf);
    return [
      ...(deletes.length > 0 ? [{ event: 'x' as const, body: bodyOf(deletes) }] : []),
      ...(updates.length > 0 ? [{ event: 'y' as const, body: bodyOf(updates) }] : []),
    ];
  }

  /** Statements that log everything below a level. */
  #from(level: Level, targetOf: (plan: TablePlan) => TriggerTarget): string[] {
    if (level.depth >= MAX_DEPTH) return [];
    return this.#keys
      .filter(({ parent }) => parent === level.table)
      .flatMap((key) => {
        const effect = effectOf(key, level.effect);
        if (!effect) return [];
        const statements = this.#below(step(level, key, effect), key, targetOf);
        if (level.depth > 0 || level.effect === 'deleted' || statements.length === 0) return statements;
        const body = indented([this.#marker(targetOf), ...statements]);
        return [...setChanged(key), `IF ${CHANGED} THEN`, ...body, 'END IF;'];
      });
  }

  /**
   * Comes first, because the floor (floor.ts) knows a transaction that holds a log id by a row that it changed before;
   * these triggers run before the parent's own change.
   */
  #marker(targetOf: (plan: TablePlan) => TriggerTarget): string {
    const [plan] = this.#plans.values();
    return markerStatement(targetOf(plan!).captureSchema);
  }

  #below(level: Level, key: ForeignKey, targetOf: (plan: TablePlan) => TriggerTarget): string[] {
    this.#statements += 1;
    if (this.#statements > MAX_STATEMENTS) throw new TooManyWays(key.constraint);
    const deeper = this.#from(level, targetOf);
    const plan = this.#plans.get(level.table);
    if (plan || deeper.length > 0) this.tables.add(level.table);
    if (!plan) return deeper;
    const target = targetOf(plan);
    const own = logged(touches(plan, target, level), target);
    // A self-reference unrolls to the depth that InnoDB allows, and stops where no row is left.
    return deeper.length === 0 ? own : [...own, `IF ${ROWS} > 0 THEN`, ...indented(deeper), 'END IF;'];
  }
}

const ROWS = '`tributary$rows`';
const CHANGED = '`tributary$changed`';

const bodyOf = (statements: readonly string[]) =>
  `BEGIN\n  DECLARE ${ROWS}, ${CHANGED} BIGINT DEFAULT 0;\n${indented(statements).join('\n')}\nEND`;
const indented = (statements: readonly string[]) => statements.map((statement) => `  ${statement}`);

/** A column that an ALTER took away counts as changed: a parent's update must not fail for it. */
const setChanged = (key: ForeignKey) => [
  'BEGIN',
  `  DECLARE EXIT HANDLER FOR SQLEXCEPTION SET ${CHANGED} = TRUE;`,
  `  SET ${CHANGED} = ${key.references.map(changes).join(' OR ')};`,
  'END;',
];

/** ER_BAD_FIELD_ERROR, ER_NO_SUCH_TABLE */
const ALTERED = '1054, 1146';

/**
 * Logs children, or that their keys cannot be told any more because an ALTER or a DROP took away what the statements
 * name. A log that is missing fails the handler's statement too, and with it the parent's change, as it must.
 */
const logged = (statements: readonly string[], target: TriggerTarget) => [
  'BEGIN',
  `  DECLARE EXIT HANDLER FOR ${ALTERED} BEGIN ${unkeyedStatement(target)} SET ${ROWS} = 1; END;`,
  ...indented(statements),
  `  SET ${ROWS} = ROW_COUNT();`,
  'END;',
];

/** Binary as well: InnoDB cascades a change of case too. */
function changes(column: string): string {
  const name = quoteIdentifier(column);
  return `NOT (OLD.${name} <=> NEW.${name} AND BINARY OLD.${name} <=> BINARY NEW.${name})`;
}

/** What a foreign key does to the child's rows when the parent's are deleted or changed; `null`: nothing. */
function effectOf(key: ForeignKey, parent: Effect): Effect | null {
  const toNull = () => new Map(key.columns.map((column) => [column, null]));
  if (parent === 'deleted')
    return key.deleteRule === 'CASCADE' ? 'deleted' : key.deleteRule === 'SET NULL' ? toNull() : null;
  if (!key.references.some((column) => parent.has(column))) return null;
  if (key.updateRule === 'SET NULL') return toNull();
  if (key.updateRule !== 'CASCADE') return null;
  const pairs = key.columns.map((column, at) => [column, parent.get(key.references[at]!)] as const);
  return new Map(pairs.flatMap(([column, value]) => (value === undefined ? [] : [[column, value]])));
}

function step(level: Level, key: ForeignKey, effect: Effect): Level {
  const depth = level.depth + 1;
  const alias = `t${depth}`;
  const on = key.columns
    .map(
      (column, at) =>
        `${alias}.${quoteIdentifier(column)} = ${level.alias}.${quoteIdentifier(key.references[at]!)}`,
    )
    .join(' AND ');
  const source = `${quoteTable(key.child)} AS ${alias}`;
  return {
    table: key.child,
    alias,
    depth,
    effect,
    from: depth === 1 ? source : `${level.from} STRAIGHT_JOIN ${source} ON ${on}`,
    where: depth === 1 ? on : level.where,
  };
}

/** Logs the keys of a level's rows, the key that a row will have first, so that ROW_COUNT() is of the one it has. */
function touches(plan: TablePlan, { captureSchema, shapeId }: TriggerTarget, level: Level): string[] {
  const log = (values: ReadonlyMap<string, string | null>) => {
    const key = imageExpression(
      keyOf(plan),
      ({ name }) => values.get(name) ?? `${level.alias}.${quoteIdentifier(name)}`,
      plan.flavour,
    );
    return (
      `INSERT INTO ${changeLog(captureSchema)} (shape_id, op, row_key, crc, at) ` +
      `SELECT ${shapeId}, 'u', ${key}, ${crcExpression(key, 'NULL', 'NULL')}, UTC_TIMESTAMP(6) ` +
      `FROM ${level.from} WHERE ${level.where} LOCK IN SHARE MODE;`
    );
  };
  const { effect } = level;
  const changed =
    effect !== 'deleted' && plan.keyColumns.some((name) => typeof effect.get(name) === 'string');
  return [...(changed ? [log(effect)] : []), log(new Map())];
}
