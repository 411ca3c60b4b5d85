import {
  header,
  headerText,
  keyColumns,
  parseVersion,
  rowKeyText,
  type EventKey,
  type Headers,
  type RowSchema,
  type Version,
  type WireRow,
} from '@tributary/contract';
import type { SchemaStore } from '@tributary/topics';
import type { OutRecord } from '@tributary/transport';

/** The row that an event is about. */
export interface EventRow {
  readonly schema: RowSchema;
  /** Key columns by wire name. */
  readonly key: WireRow;
  /** `rowKeyText` of the key. */
  readonly keyText: string;
}

export const eventVersion = (headers: Headers | undefined): Version | undefined =>
  parseVersion(headerText(headers, header.version));

/** Reads which row an event is about by its key and its schema; `undefined` where one of them is damaged or not known. */
export function eventRow(
  { key, headers }: Pick<OutRecord, 'key' | 'headers'>,
  schemas: Pick<SchemaStore, 'get'>,
): EventRow | undefined {
  const schema = schemas.get(headerText(headers, header.schema) ?? '');
  const event = schema && eventKey(key);
  if (!event || event.table !== schema.table) return undefined;
  const columns = keyColumns(schema);
  if (columns.some(({ field }) => event.key[field] === undefined || event.key[field] === null))
    return undefined;
  try {
    return { schema, key: event.key, keyText: rowKeyText(columns, event.key) };
  } catch {
    return undefined;
  }
}

function eventKey(key: OutRecord['key']): EventKey | undefined {
  try {
    const parsed = JSON.parse(String(key)) as Partial<EventKey> | null;
    return typeof parsed?.table === 'string' && typeof parsed.key === 'object' && parsed.key !== null
      ? (parsed as EventKey)
      : undefined;
  } catch {
    return undefined;
  }
}
