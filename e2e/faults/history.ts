import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Difference } from './compare';
import type { FaultTable } from './tables';
import type { Topics, TopicRecord } from './topics';
import { keyPart } from './plain-values';

/** Rows whose history is told; more would bury the first. */
const MOST = 5;
const LAST_LINES = 8;

/** What happened to the rows that differ: their events on both topics, and the statements that may have changed them. */
export async function historyOf(
  differences: readonly Difference[],
  tables: readonly FaultTable[],
  topics: Topics,
  folder: string,
): Promise<string[]> {
  const rows = [...new Map(differences.map((row) => [`${row.table} ${row.id}`, row])).values()].slice(
    0,
    MOST,
  );
  const lines: string[] = [];
  for (const topic of ['changes', 'validated'] as const) {
    const records = await topics.read(topic, (record) => rows.some((row) => concerns(record, row, tables)));
    for (const row of rows)
      for (const record of records.filter((one) => concerns(one, row, tables)))
        lines.push(`${row.table} ${row.id} on ${topic}: ${textOf(record)}`);
  }
  for (const row of rows) lines.push(...statementsOn(row, folder));
  return lines;
}

function concerns({ key }: TopicRecord, { table, id }: Difference, tables: readonly FaultTable[]): boolean {
  try {
    const parsed = JSON.parse(key) as { table: string; key: Record<string, unknown> };
    const columns = tables.find(({ name }) => name === table)!.key;
    const text = columns.map((name) => keyPart(String(parsed.key[name]))).join(':');
    return parsed.table.endsWith(`.${table}`) && (text === id || id.endsWith(` ${text}`));
  } catch {
    return false; // a control record
  }
}

function textOf({ partition, offset, headers, value }: TopicRecord): string {
  const event =
    value === null ? undefined : (JSON.parse(value) as { op: string; ts_ms: number; after: unknown });
  const what = event
    ? `${event.op} ${new Date(event.ts_ms).toISOString()} ${JSON.stringify(event.after)}`
    : 'tombstone';
  return `partition ${partition} offset ${offset} v ${headers['v']} ${what}`.slice(0, 400);
}

function statementsOn({ table, id }: Difference, folder: string): string[] {
  const word = new RegExp(`(^|[^\\w.-])${id.split(':')[0]!.replace(/[^\w]/g, '.')}($|[^\\w.])`);
  return readdirSync(folder)
    .filter((file) => /^writer-\d+\.log$/.test(file))
    .flatMap((file) =>
      readFileSync(join(folder, file), 'utf8')
        .split('\n')
        .map((line) => ({ file, line })),
    )
    .filter(({ line }) => line.includes(` ${table} `) && word.test(line))
    .sort((a, b) => (a.line < b.line ? -1 : 1))
    .slice(-LAST_LINES)
    .map(({ file, line }) => `${table} ${id} ${file}: ${line.slice(0, 600)}`);
}
