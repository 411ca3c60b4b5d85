import type { TablePlan } from './describe';
import type { ForeignKey } from './foreign-keys';
import { quoteIdentifier, quoteTable } from './identifiers';

/** InnoDB refuses to cascade further. */
const MAX_DEPTH = 15;
/** Cascades with more ways from one table than this are refused by name. */
const MAX_NODES = 200;

/** What a cascade does to a table's rows: deletes them, or gives columns other values. */
export type Effect = 'deleted' | ReadonlyMap<string, 'changed' | 'null'>;

/** Child rows that one foreign key reaches, on one way from the table where the cascade begins. */
export interface CascadeNode {
  readonly key: ForeignKey;
  readonly table: string;
  readonly alias: string;
  readonly effect: Effect;
  /** The table of these rows, when it is captured. */
  readonly plan: TablePlan | undefined;
  readonly below: readonly CascadeNode[];
}

export class TooManyWays extends Error {
  constructor(readonly constraint: string) {
    super(constraint);
  }
}

/** Finds what foreign keys reach; leaves out what leads to no captured table. */
export class CascadeGrower {
  readonly #keys: readonly ForeignKey[];
  readonly #plans: ReadonlyMap<string, TablePlan>;
  #nodes = 0;

  constructor(keys: readonly ForeignKey[], plans: readonly TablePlan[]) {
    this.#keys = keys;
    this.#plans = new Map(plans.map((plan) => [plan.settings.table, plan]));
  }

  /** From a table whose rows are deleted. Throws `TooManyWays`. */
  deletes(table: string): CascadeNode[] {
    return this.#below(table, 'deleted', 0);
  }

  /** From a table whose referenced columns are changed. */
  updates(table: string): CascadeNode[] {
    const columns = this.#keys
      .filter(({ parent }) => parent === table)
      .flatMap(({ references }) => references);
    return this.#below(table, new Map(columns.map((column) => [column, 'changed'])), 0);
  }

  #below(table: string, effect: Effect, depth: number): CascadeNode[] {
    // A self-reference unrolls to the depth that InnoDB allows.
    if (depth >= MAX_DEPTH) return [];
    return this.#keys
      .filter(({ parent }) => parent === table)
      .flatMap((key) => {
        const reached = effectOf(key, effect);
        if (!reached) return [];
        this.#nodes += 1;
        if (this.#nodes > MAX_NODES) throw new TooManyWays(key.constraint);
        const below = this.#below(key.child, reached, depth + 1);
        const plan = this.#plans.get(key.child);
        if (!plan && below.length === 0) return [];
        return [{ key, table: key.child, alias: `t${depth + 1}`, effect: reached, plan, below }];
      });
  }
}

/** All tables of a tree. */
export const tablesIn = (nodes: readonly CascadeNode[]): string[] =>
  nodes.flatMap(({ table, below }) => [table, ...tablesIn(below)]);

/** FROM element of a node; the index is the foreign key's own, so that no row is locked which the cascade leaves alone. */
export const sourceOf = ({ table, alias, key: { index } }: CascadeNode) =>
  `${quoteTable(table)} AS ${alias}${index === null ? '' : ` FORCE INDEX (${quoteIdentifier(index)})`}`;

/** The condition that finds a node's rows; `parent` is the alias of the rows above, OLD or NEW at the top. */
export const matchOf = ({ alias, key }: CascadeNode, parent: string) =>
  key.columns
    .map(
      (column, at) =>
        `${alias}.${quoteIdentifier(column)} = ${parent}.${quoteIdentifier(key.references[at]!)}`,
    )
    .join(' AND ');

/** What a foreign key does to the child's rows when the parent's are deleted or changed; `null`: nothing. */
function effectOf(key: ForeignKey, parent: Effect): Effect | null {
  const toNull = () => new Map(key.columns.map((column) => [column, 'null' as const]));
  if (parent === 'deleted')
    return key.deleteRule === 'CASCADE' ? 'deleted' : key.deleteRule === 'SET NULL' ? toNull() : null;
  if (!key.references.some((column) => parent.has(column))) return null;
  if (key.updateRule === 'SET NULL') return toNull();
  if (key.updateRule !== 'CASCADE') return null;
  const pairs = key.columns.map((column, at) => [column, parent.get(key.references[at]!)] as const);
  return new Map(pairs.flatMap(([column, value]) => (value === undefined ? [] : [[column, value]])));
}
