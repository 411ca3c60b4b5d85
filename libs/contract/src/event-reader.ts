import { isUtf8 } from 'node:buffer';
import type { WireRow } from './column';
import { bytesCrc, sameCrc } from './crc';
import type { ChangeEvent } from './envelope';
import type { RejectCode, Rejection } from './rejection';
import { isObject, plainForm, type EventForm } from './event-form';
import { header, headerText, type Headers } from './headers';
import type { RowSchema } from './row-schema';
import { parseVersion, type Version } from './version';

/** An event nests three levels; beyond this somebody tries to exhaust a reader. */
const MAX_DEPTH = 64;

export interface EncodedEvent {
  readonly key: Buffer | null;
  readonly value: Buffer;
  readonly headers: Headers;
}

/** What a sync file says of tables, as far as events go. */
export interface EventTables<S> {
  table(name: string): S | undefined;
  isExcluded(name: string): boolean;
}

/** A change event whose parts fit each other. */
export interface ReadEvent<S> {
  readonly settings: S;
  readonly schema: RowSchema;
  readonly version: Version;
  /** The key columns, by wire name. */
  readonly key: WireRow;
  readonly event: ChangeEvent;
}

export type Reading<S> =
  | { readonly event: ReadEvent<S> }
  /** `table` as the key names it, once the key is well-formed. */
  | { readonly rejection: Rejection; readonly table?: string }
  /** The sync file leaves the table out by now. */
  | { readonly excluded: string }
  | { readonly unknownSchema: string; readonly table: string };

/**
 * Reads change events and says what is wrong with one (R10), in the order of docs/change-event.md: validator and sinks have
 * one answer to a fault. The columns' values are not looked at.
 */
export class EventReader<S> {
  constructor(
    private readonly tables: EventTables<S>,
    private readonly schemaOf: (fingerprint: string) => RowSchema | undefined,
    private readonly form: EventForm = plainForm,
  ) {}

  read({ key, value, headers }: EncodedEvent): Reading<S> {
    if (key === null) return rejected('INVALID_KEY', 'the record has no key');
    const eventKey = parsed(key);
    if (!isObject(eventKey)) return rejected('INVALID_KEY', 'the key is no UTF-8 JSON object');
    const faultyKey = this.form.key(eventKey);
    if (faultyKey !== undefined) return rejected('INVALID_KEY', faultyKey);
    const table = eventKey['table'] as string;
    const reading = this.#value(table, eventKey['key'] as WireRow, value, headers);
    return 'rejection' in reading ? { ...reading, table } : reading;
  }

  #value(table: string, key: WireRow, value: Buffer, headers: Headers): Reading<S> {
    const event = parsed(value);
    if (event === undefined) return rejected('MALFORMED_JSON', 'the value is no UTF-8 JSON text');
    if (!isObject(event)) return rejected('INVALID_ENVELOPE', 'the value is no JSON object');
    const crc = imagesCrc(value);
    if (crc === undefined)
      return rejected('MALFORMED_JSON', `the value nests deeper than ${MAX_DEPTH} levels`);
    const faultyEvent = this.form.event(event);
    if (faultyEvent !== undefined) return rejected('INVALID_ENVELOPE', faultyEvent);
    return this.#event(table, key, event as unknown as ChangeEvent, crc, headers);
  }

  #event(table: string, key: WireRow, event: ChangeEvent, imagesCrc: string, headers: Headers): Reading<S> {
    const fingerprint = headerText(headers, header.schema);
    const crc = headerText(headers, header.crc);
    const version = parseVersion(headerText(headers, header.version));
    if (!version) return rejected('INVALID_HEADERS', 'header v must be a row version of 19 digits');
    if (!fingerprint || !/^[0-9a-f]{16}$/.test(fingerprint))
      return rejected('INVALID_HEADERS', 'header schema must be a fingerprint of 16 lower-case hex digits');
    if (!crc || !/^[0-9a-f]{1,8}$/.test(crc))
      return rejected('INVALID_HEADERS', 'header crc must be a CRC-32 of 8 lower-case hex digits');
    const settings = this.tables.table(table);
    if (!settings)
      return this.tables.isExcluded(table)
        ? { excluded: table }
        : rejected('UNKNOWN_TABLE', 'no entry of the sync file matches the table of this event');
    if (table !== `${event.source.db}.${event.source.table}`)
      return rejected('KEY_MISMATCH', 'source.db and source.table name another table than the key');
    const schema = this.schemaOf(fingerprint);
    if (!schema) return { unknownSchema: fingerprint, table };
    if (schema.table !== table)
      return rejected('UNKNOWN_SCHEMA', `fingerprint ${fingerprint} is a schema of another table`);
    if (!sameCrc(imagesCrc, crc))
      return rejected('CRC_MISMATCH', 'the CRC-32 of before and after is not that of header crc');
    const fault = keyFault(schema, key, event);
    return fault ? { rejection: fault } : { event: { settings, schema, version, key, event } };
  }
}

/** The verdict on an event whose schema nobody has published. */
export const schemaNotFound = (fingerprint: string): Rejection => ({
  code: 'UNKNOWN_SCHEMA',
  reason: `no row schema with fingerprint ${fingerprint} is on the schemas topic`,
});

/** The message key against the row that the event is about; a delete without an image has no row to compare with. */
function keyFault(
  schema: RowSchema,
  key: WireRow,
  { op, before, after }: ChangeEvent,
): Rejection | undefined {
  if (op === 't') return undefined;
  const image = after ?? before;
  if (image === null) return undefined;
  for (const field of schema.key)
    if (key[field] === undefined || key[field] !== image[field])
      return { code: 'KEY_MISMATCH', reason: `key column ${field} differs between the key and the row` };
  if (Object.keys(key).length !== schema.key.length)
    return { code: 'KEY_MISMATCH', reason: 'the key has members that are no key column' };
  return undefined;
}

function rejected(code: RejectCode, reason: string): { readonly rejection: Rejection } {
  return { rejection: { code, reason } };
}

/** `undefined` when the value nests too deep. */
function imagesCrc(value: Buffer): string | undefined {
  try {
    return bytesCrc(value, MAX_DEPTH);
  } catch {
    return undefined;
  }
}

/** `undefined` when the bytes are no UTF-8 JSON text; JSON itself has no such value. */
function parsed(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
