import { join } from 'node:path';
import type { Cell } from '@tributary/contract';
import { openMysql, readingPlan, type Connection, type TableReading } from '@tributary/capture';
import { parseSyncConfig } from '@tributary/sync-config';
import { uniqueName } from '@tributary/testing';
import type { MatrixTable, Server } from './matrix-table';
import { valueGroups } from './value-groups';
import { vectorsOf, type TableVectors, type VectorFile } from './vectors';
import { Writers } from './writers';

/** Where the vectors are kept, from the repository's root. */
export const vectorFolder = join('libs', 'contract', 'vectors');

/** Of a table of the matrix that has columns of several kinds. */
const MASKS = '{ n: sha256, t: last4, twice: last4, kept: sha256, hex: redact, quarter: sha256 }';

/** Writes the matrix into a database of its own and reads it as the relay does: text by file name. */
export async function vectorFiles(server: Server, adminUrl: string): Promise<Map<string, string>> {
  const database = uniqueName('vectors');
  const admin = await openMysql(adminUrl);
  try {
    await admin.query(`CREATE DATABASE ${database} CHARACTER SET utf8mb4`);
    await admin.query(`USE ${database}`);
    const groups = Object.entries(valueGroups(server));
    for (const { ddl } of groups.flatMap(([, tables]) => tables)) await admin.query(ddl);
    await write(
      `${adminUrl.replace(/\/$/, '')}/${database}`,
      groups.flatMap(([, tables]) => tables),
    );
    const read = async (entry: string, names: readonly string[]) => {
      const plan = await readingPlan(admin, parseSyncConfig(`{ tables: [${entry}] }`), () => true);
      const tables: TableVectors[] = [];
      for (const name of names)
        tables.push(
          await readTable(
            admin,
            plan.tables.find(({ schema }) => schema.table === `${database}.${name}`)!,
          ),
        );
      return fileText({ server, tables });
    };
    const files = new Map<string, string>();
    for (const [group, members] of groups)
      files.set(
        join(server, `${group}.json`),
        await read(
          `{ table: ${database}.* }`,
          members.map(({ name }) => name),
        ),
      );
    const masked = `{ table: ${database}.generated, columns: { mask: ${MASKS} } }`;
    return files.set(join(server, 'masks.json'), await read(masked, ['generated']));
  } finally {
    await admin.query(`DROP DATABASE IF EXISTS ${database}`);
    await admin.end();
  }
}

async function write(url: string, tables: readonly MatrixTable[]): Promise<void> {
  const writers = new Writers(url);
  await writers.open();
  try {
    await writers.insert(tables);
  } finally {
    await writers.close();
  }
}

async function readTable(connection: Connection, { schema, columns, from }: TableReading) {
  const expressions = columns.map(({ expression }) => expression);
  const [rows] = await connection.query({
    sql: `SELECT ${expressions.join(', ')} FROM ${from}`,
    rowsAsArray: true,
  });
  return vectorsOf(schema, expressions, rows as unknown as Cell[][]);
}

/** A line for each row, in ASCII: no editor is to turn its text round. */
function fileText({ server, tables }: VectorFile): string {
  const texts = tables.map(({ schema, expressions, rows }) => {
    const lines = rows.map((row) => JSON.stringify(row));
    return `{"schema":${JSON.stringify(schema)},\n"expressions":${JSON.stringify(expressions)},\n"rows":[\n${lines.join(',\n')}\n]}`;
  });
  return ascii(`{"server":"${server}","tables":[\n${texts.join(',\n')}\n]}\n`);
}

const ascii = (json: string) =>
  json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
