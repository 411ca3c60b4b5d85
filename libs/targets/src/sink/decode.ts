import {
  header,
  headerText,
  keyColumns,
  memberTexts,
  imagesCrc,
  parseVersion,
  rowKeyText,
  sameCrc,
  type ChangeEvent,
  type Column,
  type EventKey,
  type Headers,
  type RejectCode,
  type Rejection,
  type RowSchema,
  type WireRow,
} from '@tributary/change-event';
import type { SyncConfig } from '@tributary/sync-config';
import type { RowChange } from '../row-change';

/** What of a Kafka record the decoder reads. */
export interface EncodedChange {
  readonly key: Buffer | null;
  readonly value: Buffer;
  readonly headers: Headers;
}

export type Decoded = { readonly change: RowChange } | { readonly rejection: Rejection };

/**
 * From records to row changes. The validator has checked all of this before: the sink checks again what decides
 * where a row is written and with which content (R10), because anyone who may write to the topic can write to it.
 */
export class ChangeDecoder {
  readonly #keys = new WeakMap<RowSchema, readonly Column[]>();

  constructor(
    private readonly config: SyncConfig,
    private readonly schemaOf: (fingerprint: string) => RowSchema | undefined,
  ) {}

  /** Never throws: what is wrong with a record becomes its rejection. */
  decode(record: EncodedChange, index: number): Decoded {
    try {
      return { change: this.#change(record, index) };
    } catch (error) {
      if (error instanceof Fault) return { rejection: { code: error.code, reason: error.message } };
      return {
        rejection: { code: 'INVALID_ROW', reason: `the row cannot be read: ${(error as Error).name}` },
      };
    }
  }

  #change({ key, value, headers }: EncodedChange, index: number): RowChange {
    const version = parseVersion(headerText(headers, header.version));
    if (!version) throw new Fault('INVALID_HEADERS', `header ${header.version} is no row version`);
    const text = value.toString('utf8');
    const event = parsed<ChangeEvent>(text, 'MALFORMED_JSON', 'the value');
    checkCrc(text, headers);
    const { table, key: keyRow } = eventKey(key);
    const settings = this.config.table(table);
    if (!settings) throw new Fault('UNKNOWN_TABLE', `no entry of the sync file matches the table ${table}`);
    const schema = this.#schema(headers, table);
    if (`${event.source?.db}.${event.source?.table}` !== table)
      throw new Fault('KEY_MISMATCH', 'key and value name different tables');
    const { op, after } = rowOf(event);
    const columns = this.#keyColumns(schema);
    for (const { field } of columns) {
      if (keyRow[field] === undefined || keyRow[field] === null)
        throw new Fault('INVALID_KEY', `the key lacks the column ${field}`);
      if (after !== null && after[field] !== keyRow[field])
        throw new Fault('KEY_MISMATCH', `key and row differ in the column ${field}`);
    }
    return {
      table: settings,
      schema,
      op,
      key: keyRow,
      keyText: rowKeyText(columns, keyRow),
      after,
      version,
      tsMs: Number(event.source.ts_ms),
      bytes: value.length,
      index,
    };
  }

  #schema(headers: Headers, table: string): RowSchema {
    const fingerprint = headerText(headers, header.schema);
    if (!fingerprint) throw new Fault('INVALID_HEADERS', `header ${header.schema} is missing`);
    const schema = this.schemaOf(fingerprint);
    if (!schema)
      throw new Fault('UNKNOWN_SCHEMA', `nobody has published a schema ${fingerprint.slice(0, 64)}`);
    if (schema.table !== table)
      throw new Fault('KEY_MISMATCH', `the schema belongs to ${schema.table}, the key to ${table}`);
    return schema;
  }

  #keyColumns(schema: RowSchema): readonly Column[] {
    let columns = this.#keys.get(schema);
    if (!columns) this.#keys.set(schema, (columns = keyColumns(schema)));
    return columns;
  }
}

/** Fingerprints that records name, so that unknown ones can be looked up before decoding. */
export function schemaFingerprints(records: Iterable<{ readonly headers: Headers }>): Set<string> {
  const found = new Set<string>();
  for (const { headers } of records) {
    const fingerprint = headerText(headers, header.schema);
    if (fingerprint) found.add(fingerprint);
  }
  return found;
}

class Fault extends Error {
  constructor(
    readonly code: RejectCode,
    reason: string,
  ) {
    super(reason);
  }
}

function parsed<T>(text: string, code: RejectCode, what: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Fault(code, `${what} is no JSON`);
  }
  if (!isObject(value))
    throw new Fault(code === 'MALFORMED_JSON' ? 'INVALID_ENVELOPE' : code, `${what} is no JSON object`);
  return value as T;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function checkCrc(text: string, headers: Headers): void {
  const images = memberTexts(text, ['before', 'after']);
  if (!sameCrc(imagesCrc(images['before'] ?? '', images['after'] ?? ''), headerText(headers, header.crc)))
    throw new Fault('CRC_MISMATCH', `the images do not have the checksum that header ${header.crc} names`);
}

function eventKey(key: Buffer | null): EventKey {
  if (key === null) throw new Fault('INVALID_KEY', 'the record has no key');
  const event = parsed<EventKey>(key.toString('utf8'), 'INVALID_KEY', 'the key');
  if (typeof event.table !== 'string' || !isObject(event.key))
    throw new Fault('INVALID_KEY', 'the key is not of the form {"table":...,"key":{...}}');
  return event;
}

function rowOf({ op, after }: ChangeEvent): { op: RowChange['op']; after: WireRow | null } {
  if (op === 'd') {
    if (after === null || after === undefined) return { op, after: null };
    throw new Fault('INVALID_ENVELOPE', 'op d has an after image');
  }
  if (op !== 'c' && op !== 'u' && op !== 'r')
    throw new Fault('INVALID_ENVELOPE', `op ${JSON.stringify(op)?.slice(0, 16)} changes no row`);
  if (!isObject(after)) throw new Fault('INVALID_ENVELOPE', `op ${op} needs an after image`);
  return { op, after };
}
