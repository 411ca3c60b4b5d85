import { rowSchema, type RowSchema } from '@tributary/contract';
import type { Connection } from 'mysql2/promise';
import { tableShapes } from './capture-tables';
import { execute, select } from './query';

/** One version of a table's captured column list; log entries name it by its id. */
export interface Shape {
  readonly id: number;
  readonly schema: RowSchema;
}

interface ShapeRow {
  readonly id: number;
  readonly table: string;
  readonly fingerprint: string;
  readonly schema: string;
}

/** All shapes ever registered, oldest first, but for those that were damaged since: they are as if they were not there. */
export async function readShapes(connection: Connection, captureSchema: string): Promise<Shape[]> {
  const rows = await select<ShapeRow>(
    connection,
    `SELECT id, table_name AS \`table\`, fingerprint, schema_json AS \`schema\` FROM ${tableShapes(captureSchema)} ORDER BY id`,
  );
  return rows.flatMap((row) => shapeOf(row) ?? []);
}

function shapeOf({ id, table, fingerprint, schema: text }: ShapeRow): Shape | null {
  try {
    const schema = JSON.parse(text) as RowSchema;
    const whole = schema.table === table && schema.fingerprint === fingerprint;
    return whole && rowSchema(schema).fingerprint === fingerprint ? { id: Number(id), schema } : null;
  } catch {
    return null;
  }
}

/** Ids of the shapes of these schemas, registering the new ones; a change to one column makes a new shape. */
export async function registerShapes(
  connection: Connection,
  captureSchema: string,
  schemas: readonly RowSchema[],
): Promise<Map<RowSchema, number>> {
  const known = shapeIndex(await readShapes(connection, captureSchema));
  const ids = new Map<RowSchema, number>();
  for (const schema of schemas) {
    const id = known.get(shapeKey(schema)) ?? (await register(connection, captureSchema, schema));
    ids.set(schema, id);
  }
  return ids;
}

export const shapeKey = ({ table, fingerprint }: RowSchema) => `${table}\0${fingerprint}`;

export const shapeIndex = (shapes: readonly Shape[]): Map<string, number> =>
  new Map(shapes.map(({ id, schema }) => [shapeKey(schema), id]));

/** A shape that was damaged is made right under its id, which entries and triggers name. */
async function register(connection: Connection, captureSchema: string, schema: RowSchema): Promise<number> {
  const { insertId } = await execute(
    connection,
    `INSERT INTO ${tableShapes(captureSchema)} (table_name, fingerprint, schema_json, created_at)
     VALUES (?, ?, ?, UTC_TIMESTAMP(6))
     ON DUPLICATE KEY UPDATE id = LAST_INSERT_ID(id), schema_json = VALUES(schema_json)`,
    [schema.table, schema.fingerprint, JSON.stringify(schema)],
  );
  return insertId;
}
