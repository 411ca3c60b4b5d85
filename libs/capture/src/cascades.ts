import { mysqlErrno } from '@tributary/kernel';
import { crcExpression, insertKeys } from './capture-tables';
import { lockedTables, lockStatements } from './cascade-locks';
import { CascadeGrower, matchOf, sourceOf, tablesIn, TooManyWays, type CascadeNode } from './cascade-tree';
import type { TablePlan } from './describe';
import { imageExpression } from './expressions';
import type { ForeignKey } from './foreign-keys';
import { quoteIdentifier } from './identifiers';
import { markerStatement } from './marker';
import { keyOf } from './row-key';
import { withNaturalId } from './trigger-frame';
import { unkeyedStatement, type TriggerTarget } from './trigger-sql';
import type { WantedTrigger } from './wanted-triggers';

/** A table whose deletes or key changes reach captured tables by foreign keys. */
interface CascadeParent {
  /** `database.table`; it need not be captured itself. */
  readonly table: string;
  /** Every table that its triggers read, itself included. */
  readonly tables: readonly string[];
  /** Those of them that its triggers lock exclusively. */
  readonly locked: readonly string[];
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
 * whether the change came about at all. Keys that a cascade changes are logged once more AFTER it, as they came out.
 */
export function planCascades(keys: readonly ForeignKey[], plans: readonly TablePlan[]): Cascades {
  const parents: CascadeParent[] = [];
  const faults: { table: string; message: string }[] = [];
  for (const table of new Set(keys.map(({ parent }) => parent))) {
    const grower = new CascadeGrower(keys, plans);
    try {
      const [deletes, updates] = [grower.deletes(table), grower.updates(table)];
      const reached = [...deletes, ...updates];
      if (reached.length === 0) continue;
      parents.push({
        table,
        tables: [...new Set([table, ...tablesIn(reached)])],
        locked: [...new Set(lockedTables(reached, table))],
        triggers: (targetOf) => cascadeTriggers(table, deletes, updates, targetOf),
      });
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

type TargetOf = (plan: TablePlan) => TriggerTarget;

function cascadeTriggers(
  table: string,
  deletes: readonly CascadeNode[],
  updates: readonly CascadeNode[],
  targetOf: TargetOf,
): WantedTrigger[] {
  const before = (nodes: readonly CascadeNode[]) => [
    ...marker(nodes, targetOf),
    ...lockStatements(nodes, 'OLD', table),
    ...nodes.flatMap((node) => logStatements(node, [], 'OLD', targetOf)),
  ];
  const changing = updates.filter(changesKeys);
  return [
    ...(deletes.length > 0 ? [{ event: 'x' as const, body: bodyOf(before(deletes)) }] : []),
    ...(updates.length > 0
      ? [{ event: 'y' as const, body: bodyOf(updates.flatMap((node) => ifChanged(node, before([node])))) }]
      : []),
    ...(changing.length > 0
      ? [
          {
            event: 'z' as const,
            body: bodyOf(
              changing.flatMap((node) =>
                ifChanged(node, [...marker([node], targetOf), ...logStatements(node, [], 'NEW', targetOf)]),
              ),
            ),
          },
        ]
      : []),
  ];
}

const ROWS = '`tributary$rows`';
const CHANGED = '`tributary$changed`';

const bodyOf = (statements: readonly string[]) =>
  `BEGIN\n  DECLARE ${ROWS}, ${CHANGED} BIGINT DEFAULT 0;\n${indented(statements).join('\n')}\nEND`;
const indented = (statements: readonly string[]) => statements.map((statement) => `  ${statement}`);

/**
 * Comes first, because the floor (floor.ts) knows a transaction that holds a log id by a row that it changed before;
 * these triggers run before the parent's own change. It also takes the id 0 that a session forces (trigger-frame.ts).
 */
function marker(nodes: readonly CascadeNode[], targetOf: TargetOf): string[] {
  const plan = nodes.map(capturedIn).find((found) => found !== undefined);
  return [withNaturalId(markerStatement(targetOf(plan!).captureSchema), plan!.flavour)];
}

const capturedIn = ({ plan, below }: CascadeNode): TablePlan | undefined =>
  plan ?? below.map(capturedIn).find((found) => found !== undefined);

/** A column that an ALTER took away counts as changed: a parent's update must not fail for it. */
const ifChanged = ({ key }: CascadeNode, statements: readonly string[]) => [
  'BEGIN',
  `  DECLARE EXIT HANDLER FOR SQLEXCEPTION SET ${CHANGED} = TRUE;`,
  `  SET ${CHANGED} = ${key.references.map(changes).join(' OR ')};`,
  'END;',
  `IF ${CHANGED} THEN`,
  ...indented(statements),
  'END IF;',
];

/** Binary as well: InnoDB cascades a change of case too. */
function changes(column: string): string {
  const name = quoteIdentifier(column);
  return `NOT (OLD.${name} <=> NEW.${name} AND BINARY OLD.${name} <=> BINARY NEW.${name})`;
}

/** Whether the rows of a node, or of one below it, get other keys. */
const changesKeys = (node: CascadeNode): boolean => changesKey(node) || node.below.some(changesKeys);

const changesKey = ({ plan, effect }: CascadeNode) =>
  effect !== 'deleted' && (plan?.keyColumns.some((name) => effect.get(name) === 'changed') ?? false);

/**
 * Logs the rows of a node and of those below it, as they are before the change (`OLD`), or those with new keys as they
 * are after it (`NEW`): what a key becomes in the child is not what the parent has, where the types differ.
 */
function logStatements(
  node: CascadeNode,
  above: readonly CascadeNode[],
  row: 'OLD' | 'NEW',
  targetOf: TargetOf,
): string[] {
  const path = [...above, node];
  const below = node.below
    .filter((child) => row === 'OLD' || changesKeys(child))
    .flatMap((child) => logStatements(child, path, row, targetOf));
  if (!node.plan || (row === 'NEW' && !changesKey(node))) return below;
  const own = logged(node.plan, path, row, targetOf(node.plan));
  // A self-reference stops where no row is left.
  return below.length === 0 ? own : [...own, `IF ${ROWS} > 0 THEN`, ...indented(below), 'END IF;'];
}

const { BAD_FIELD, NO_SUCH_TABLE, KEY_DOES_NOT_EXIST } = mysqlErrno;
const ALTERED = [BAD_FIELD, NO_SUCH_TABLE, KEY_DOES_NOT_EXIST].join(', ');

/**
 * Logs children, or that their keys cannot be told any more because an ALTER or a DROP took away what the statement
 * names. A log that is missing fails the handler's statement too, and with it the parent's change, as it must.
 */
function logged(
  plan: TablePlan,
  path: readonly CascadeNode[],
  row: 'OLD' | 'NEW',
  target: TriggerTarget,
): string[] {
  const { alias } = path.at(-1)!;
  const key = imageExpression(keyOf(plan), ({ name }) => `${alias}.${quoteIdentifier(name)}`, plan.flavour);
  return [
    'BEGIN',
    `  DECLARE EXIT HANDLER FOR ${ALTERED} BEGIN ${unkeyedStatement(target)} SET ${ROWS} = 1; END;`,
    `  ${insertKeys(target.captureSchema)} ` +
      `SELECT ${target.shapeId}, 'u', ${key}, ${crcExpression(key, 'NULL', 'NULL', target.seal)}, UTC_TIMESTAMP(6) ` +
      `FROM ${joined(path)} WHERE ${matchOf(path[0]!, row)} LOCK IN SHARE MODE;`,
    `  SET ${ROWS} = ROW_COUNT();`,
    'END;',
  ];
}

const joined = (path: readonly CascadeNode[]) =>
  path
    .map((node, at) =>
      at === 0 ? sourceOf(node) : `STRAIGHT_JOIN ${sourceOf(node)} ON ${matchOf(node, path[at - 1]!.alias)}`,
    )
    .join(' ');
