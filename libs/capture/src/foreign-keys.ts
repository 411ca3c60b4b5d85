import type { Connection } from 'mysql2/promise';
import { select } from './query';

/** A foreign key whose rule changes child rows without firing their triggers (R8). */
export interface ForeignKey {
  readonly constraint: string;
  /** `database.table`. */
  readonly child: string;
  readonly parent: string;
  readonly columns: readonly string[];
  /** The parent's columns, in the order of `columns`. */
  readonly references: readonly string[];
  readonly deleteRule: string;
  readonly updateRule: string;
}

interface PartRow {
  readonly constraint: string;
  readonly child: string;
  readonly parent: string;
  readonly column: string;
  readonly reference: string;
  readonly deleteRule: string;
  readonly updateRule: string;
}

/** Foreign keys with a cascading rule, of all databases that the account may see, since a cascade may cross them. */
export async function readForeignKeys(connection: Connection): Promise<ForeignKey[]> {
  const parts = await select<PartRow>(
    connection,
    `SELECT k.constraint_name AS \`constraint\`, CONCAT(k.table_schema, '.', k.table_name) AS \`child\`,
       CONCAT(k.referenced_table_schema, '.', k.referenced_table_name) AS \`parent\`, k.column_name AS \`column\`,
       k.referenced_column_name AS \`reference\`, r.delete_rule AS \`deleteRule\`, r.update_rule AS \`updateRule\`
     FROM information_schema.referential_constraints r
     JOIN information_schema.key_column_usage k
       ON k.constraint_schema = r.constraint_schema AND k.constraint_name = r.constraint_name
         AND k.table_name = r.table_name AND k.referenced_column_name IS NOT NULL
     WHERE r.delete_rule IN ('CASCADE', 'SET NULL') OR r.update_rule IN ('CASCADE', 'SET NULL')
     ORDER BY k.constraint_schema, k.table_name, k.constraint_name, k.ordinal_position`,
  );
  const keys = new Map<string, PartRow[]>();
  for (const part of parts) {
    const id = `${part.child}\0${part.constraint}`;
    keys.set(id, [...(keys.get(id) ?? []), part]);
  }
  return [...keys.values()].map((columns) => ({
    ...columns[0]!,
    columns: columns.map(({ column }) => column),
    references: columns.map(({ reference }) => reference),
  }));
}
