import {
  header,
  headerText,
  keyColumns,
  parseVersion,
  rowKeyText,
  type EventKey,
  type Version,
} from '@tributary/change-event';
import { readAll, type InRecord, type Kafka, type SchemaStore } from '@tributary/kafka';
import type { RowKey } from '@tributary/targets';

/** More dead letters of one load than anybody would look through, and what fits into memory with ease (R13). */
const MOST = 100_000;

/**
 * The rows of a table that are dead letters with a version of `floor` or higher, whatever stage gave them up;
 * `undefined` when they are too many. Throws a SyncError `retry` when the topic cannot be read.
 */
export async function refusedSince(
  kafka: Kafka,
  topic: string,
  schemas: Pick<SchemaStore, 'get'>,
  table: string,
  floor: Version,
): Promise<readonly RowKey[] | undefined> {
  const found = new Map<string, RowKey>();
  await readAll(kafka, topic, (_partition, records) => {
    for (const record of records) {
      if (found.size > MOST) return;
      const version = parseVersion(headerText(record.headers, header.version));
      if (version === undefined || version < floor) continue;
      const row = rowOf(record, table, schemas);
      if (row) found.set(`${row.schema.fingerprint} ${row.keyText}`, row);
    }
  });
  return found.size > MOST ? undefined : [...found.values()];
}

/** The row of `table` that a letter is about; letters with a damaged key are about none. */
function rowOf(
  { key, headers }: InRecord,
  table: string,
  schemas: Pick<SchemaStore, 'get'>,
): RowKey | undefined {
  const schema = schemas.get(headerText(headers, header.schema) ?? '');
  if (key === null || schema?.table !== table) return undefined;
  try {
    const event = JSON.parse(key.toString('utf8')) as EventKey;
    if (event.table !== table) return undefined;
    return { schema, key: event.key, keyText: rowKeyText(keyColumns(schema), event.key) };
  } catch {
    return undefined;
  }
}
