import type { Connection } from 'mysql2/promise';
import type { TablePlan } from './describe';
import type { Finding } from './preflight';
import { select } from './query';

/** A foreign key whose rule changes child rows without firing their triggers (R8). */
export interface Cascade {
  readonly constraint: string;
  readonly parent: string;
  readonly child: string;
  readonly deleteRule: string;
  readonly updateRule: string;
}

/** Foreign keys that cascade into these tables. */
export async function readCascades(connection: Connection, tables: readonly string[]): Promise<Cascade[]> {
  if (tables.length === 0) return [];
  const rows = await select<Cascade>(
    connection,
    `SELECT constraint_name AS \`constraint\`,
       CONCAT(unique_constraint_schema, '.', referenced_table_name) AS \`parent\`,
       CONCAT(constraint_schema, '.', table_name) AS \`child\`, delete_rule AS \`deleteRule\`, update_rule AS \`updateRule\`
     FROM information_schema.referential_constraints
     WHERE constraint_schema IN (?)
       AND (delete_rule IN ('CASCADE', 'SET NULL', 'SET DEFAULT') OR update_rule IN ('CASCADE', 'SET NULL', 'SET DEFAULT'))`,
    [[...new Set(tables.map((table) => table.slice(0, table.indexOf('.'))))]],
  );
  return rows.filter(({ child }) => tables.includes(child));
}

/** Refuses tables whose rows a foreign key can change behind their triggers. */
export async function cascadeFindings(
  connection: Connection,
  plans: readonly TablePlan[],
): Promise<Finding[]> {
  const cascades = await readCascades(
    connection,
    plans.map(({ settings }) => settings.table),
  );
  return cascades.map(({ constraint, parent, child, deleteRule, updateRule }) => ({
    level: 'refuse',
    table: child,
    message: `The foreign key ${constraint} of ${child} (to ${parent}, ON DELETE ${deleteRule}, ON UPDATE ${updateRule}) changes rows without firing triggers: make it RESTRICT, or take ${child} out of the sync file.`,
  }));
}
