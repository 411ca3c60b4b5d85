import { isUtf8 } from 'node:buffer';
import {
  bytesCrc,
  columnKinds,
  header,
  headerText,
  keyColumns,
  parseVersion,
  rowKeyText,
  sameCrc,
  SyncError,
  transient,
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
import { QuickChanges, type EncodedChange } from './quick-change';

/** An event nests three levels; beyond this somebody tries to exhaust a reader. */
const MAX_DEPTH = 64;

export type Decoded =
  | { readonly change: RowChange }
  | { readonly rejection: Rejection }
  /** Of a table that the sync file leaves out by now. */
  | { readonly excluded: string };

/**
 * From records to row changes. The validator has checked all of this before: the sink checks again what decides
 * where a row is written and with which content (R10), because anyone who may write to the topic can write to it.
 */
export class ChangeDecoder {
  readonly #keys = new WeakMap<RowSchema, readonly Column[]>();
  readonly #quick: QuickChanges;

  constructor(
    private readonly config: SyncConfig,
    private readonly schemaOf: (fingerprint: string) => RowSchema | undefined,
  ) {
    this.#quick = new QuickChanges(config, schemaOf);
  }

  /**
   * What is wrong with a record becomes its rejection. Throws a SyncError `retry` only for a schema that a newer
   * release wrote: then nobody is to blame but our age.
   */
  decode(record: EncodedChange, index: number): Decoded {
    return this.#decoded(record, index, this.#quick);
  }

  /** The same without the quick way. */
  decodeThoroughly(record: EncodedChange, index: number): Decoded {
    return this.#decoded(record, index);
  }

  #decoded(record: EncodedChange, index: number, quick?: QuickChanges): Decoded {
    try {
      return { change: quick?.read(record, index) ?? this.#change(record, index) };
    } catch (error) {
      if (error instanceof SyncError) throw error;
      if (error instanceof Excluded) return { excluded: error.table };
      if (error instanceof Fault) return { rejection: { code: error.code, reason: error.message } };
      return {
        rejection: { code: 'INVALID_ROW', reason: `the row cannot be read: ${(error as Error).name}` },
      };
    }
  }

  #change({ key, value, headers }: EncodedChange, index: number): RowChange {
    const version = parseVersion(headerText(headers, header.version));
    if (!version) throw new Fault('INVALID_HEADERS', `header ${header.version} is no row version`);
    const event = parsed<ChangeEvent>(value, 'MALFORMED_JSON', 'the value');
    if (!sameCrc(bytesCrc(value, MAX_DEPTH), headerText(headers, header.crc)))
      throw new Fault('CRC_MISMATCH', `the images do not have the checksum that header ${header.crc} names`);
    const { table, key: keyRow } = eventKey(key);
    const settings = this.config.table(table);
    if (!settings && this.config.isExcluded(table)) throw new Excluded(table);
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
    const tsMs = event.source.ts_ms as unknown;
    if (typeof tsMs !== 'number' || !Number.isFinite(tsMs))
      throw new Fault('INVALID_ENVELOPE', 'source.ts_ms is no number');
    return {
      table: settings,
      schema,
      op,
      key: keyRow,
      keyText: rowKeyText(columns, keyRow),
      after,
      version,
      tsMs,
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
    if (columns) return columns;
    const unknown = schema.columns.find(({ kind }) => !columnKinds.includes(kind));
    if (unknown)
      throw transient(
        'NEWER_SCHEMA',
        `Column ${unknown.name} of ${schema.table} has the unknown kind ${unknown.kind}: update the sinks to the relay's release.`,
      );
    columns = keyColumns(schema);
    this.#keys.set(schema, columns);
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

class Excluded extends Error {
  constructor(readonly table: string) {
    super('excluded');
  }
}

function parsed<T>(bytes: Buffer, code: RejectCode, what: string): T {
  let value: unknown;
  try {
    if (isUtf8(bytes)) value = JSON.parse(bytes.toString('utf8'));
  } catch {
    // handled below: JSON itself has no undefined
  }
  if (value === undefined) throw new Fault(code, `${what} is no UTF-8 JSON text`);
  if (!isObject(value))
    throw new Fault(code === 'MALFORMED_JSON' ? 'INVALID_ENVELOPE' : code, `${what} is no JSON object`);
  return value as T;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function eventKey(key: Buffer | null): EventKey {
  if (key === null) throw new Fault('INVALID_KEY', 'the record has no key');
  const event = parsed<EventKey>(key, 'INVALID_KEY', 'the key');
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
