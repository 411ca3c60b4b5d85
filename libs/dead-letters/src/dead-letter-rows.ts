import type { Version } from '@tributary/contract';
import type { SchemaStore } from '@tributary/topics';
import { readAll, type Transport } from '@tributary/transport';
import { eventRow, eventVersion, type EventRow } from './event-row';

/** More dead letters of one snapshot than anybody would look through, and what fits into memory with ease (R13). */
const MOST = 100_000;

/**
 * The rows of a table that are dead letters with a version of `floor` or higher, whatever stage rejected them;
 * `undefined` when they are too many. Throws a SyncError `retry` when the topic cannot be read.
 */
export async function deadLetterRows(
  kafka: Transport,
  topic: string,
  schemas: Pick<SchemaStore, 'get'>,
  table: string,
  floor: Version,
): Promise<readonly EventRow[] | undefined> {
  const found = new Map<string, EventRow>();
  await readAll(kafka, topic, (_partition, records) => {
    for (const record of records) {
      if (found.size > MOST) return;
      // A record that resolves a dead letter has no version.
      const version = eventVersion(record.headers);
      if (version === undefined || version < floor) continue;
      const row = eventRow(record, schemas);
      if (row?.schema.table === table) found.set(`${row.schema.fingerprint} ${row.keyText}`, row);
    }
  });
  return found.size > MOST ? undefined : [...found.values()];
}
