import { isUtf8 } from 'node:buffer';
import {
  bytesCrc,
  header,
  headerText,
  parseControl,
  parseVersion,
  sameCrc,
  SyncError,
  type ChangeEvent,
  type EventKey,
  type Headers,
  type RejectCode,
  type Rejection,
} from '@tributary/change-event';
import { ChangeEventDto, compileDto, EventKeyDto } from '@tributary/schemas';
import { quickVerdict } from './quick-verdict';
import { imageFault, keyFault } from './row-rules';
import type { CheckedRecord, ValidationRules, Verdict } from './verdict';

const AS_IT_IS: Verdict = { kind: 'forward' };
/** An event nests three levels; beyond this somebody tries to exhaust a reader. */
const MAX_DEPTH = 64;

const keyDto = compileDto(EventKeyDto);
const eventDto = compileDto(ChangeEventDto);

/** Judges one record of the changes topic (R10). Pure and synchronous; no bytes make it throw, nor does a DTO of the sync file. */
export function validateRecord(record: CheckedRecord, rules: ValidationRules): Verdict {
  try {
    return quickVerdict(record, rules) ?? thoroughVerdict(record, rules);
  } catch (error) {
    // A schema that waits for a newer release is nobody's fault; what else throws is one record's or one table's (R15).
    if (error instanceof SyncError) throw error;
    return rejected('INVALID_ROW', `the record cannot be judged: ${(error as Error).name}`);
  }
}

/** The verdict on any record, good or bad. */
export function thoroughVerdict(record: CheckedRecord, rules: ValidationRules): Verdict {
  const { key, value, headers } = record;
  if (headers[header.control] !== undefined) return validateControl(record, rules);
  if (key === null) return rejected('INVALID_KEY', 'the record has no key');
  if (value === null) return AS_IT_IS;
  const bytes = key.length + value.length;
  if (bytes > rules.maxBytes)
    return rejected('OVERSIZE', `key and value are ${bytes} bytes long, more than ${rules.maxBytes}`);

  const eventKey = parsed(key);
  if (!isObject(eventKey)) return rejected('INVALID_KEY', 'the key is no UTF-8 JSON object');
  const faultyKey = keyDto(eventKey);
  if (faultyKey !== undefined) return rejected('INVALID_KEY', faultyKey);

  const verdict = validateValue(eventKey as unknown as EventKey, value, headers, rules);
  return verdict.kind === 'rejected' ? { ...verdict, table: eventKey['table'] as string } : verdict;
}

/** A control record names a table that is synced and a schema of it; of kinds unknown here nothing is asked. */
function validateControl(record: CheckedRecord, rules: ValidationRules): Verdict {
  const control = parseControl(record);
  if (control === 'unknown') return AS_IT_IS;
  if ('code' in control) return { kind: 'rejected', rejection: control };
  const { table, schema: fingerprint } = control;
  if (!rules.config.table(table)) return unknownTable(table, 'control record', rules);
  const schema = rules.schema(fingerprint);
  if (!schema) return { kind: 'unknown-schema', fingerprint, table };
  if (schema.table !== table)
    return rejected('UNKNOWN_SCHEMA', `fingerprint ${fingerprint} is a schema of another table`);
  return { kind: 'forward', isControl: true };
}

function validateValue(key: EventKey, value: Buffer, headers: Headers, rules: ValidationRules): Verdict {
  const event = parsed(value);
  if (event === undefined) return rejected('MALFORMED_JSON', 'the value is no UTF-8 JSON text');
  if (!isObject(event)) return rejected('INVALID_ENVELOPE', 'the value is no JSON object');
  const crc = imagesCrc(value);
  if (crc === undefined) return rejected('MALFORMED_JSON', `the value nests deeper than ${MAX_DEPTH} levels`);
  const faultyEvent = eventDto(event);
  if (faultyEvent !== undefined) return rejected('INVALID_ENVELOPE', faultyEvent);
  return validateEvent(key, event as unknown as ChangeEvent, crc, headers, rules);
}

function validateEvent(
  key: EventKey,
  event: ChangeEvent,
  imagesCrc: string,
  headers: Headers,
  rules: ValidationRules,
): Verdict {
  const fingerprint = headerText(headers, header.schema);
  const crc = headerText(headers, header.crc);
  if (!parseVersion(headerText(headers, header.version)))
    return rejected('INVALID_HEADERS', 'header v must be a row version of 19 digits');
  if (!fingerprint || !/^[0-9a-f]{16}$/.test(fingerprint))
    return rejected('INVALID_HEADERS', 'header schema must be a fingerprint of 16 lower-case hex digits');
  if (!crc || !/^[0-9a-f]{1,8}$/.test(crc))
    return rejected('INVALID_HEADERS', 'header crc must be a CRC-32 of 8 lower-case hex digits');

  const settings = rules.config.table(key.table);
  if (!settings) return unknownTable(key.table, 'event', rules);
  if (key.table !== `${event.source.db}.${event.source.table}`)
    return rejected('KEY_MISMATCH', 'source.db and source.table name another table than the key');
  const schema = rules.schema(fingerprint);
  if (!schema) return { kind: 'unknown-schema', fingerprint, table: key.table };
  if (schema.table !== key.table)
    return rejected('UNKNOWN_SCHEMA', `fingerprint ${fingerprint} is a schema of another table`);
  if (!sameCrc(imagesCrc, crc))
    return rejected('CRC_MISMATCH', 'the CRC-32 of before and after is not that of header crc');

  const fault = keyFault(schema, key.key, event) ?? imageFault(schema, event);
  if (fault) return { kind: 'rejected', rejection: fault };
  if (settings.dto !== undefined && event.after !== null) {
    const faultyRow = rules.dto(settings.dto)(event.after);
    if (faultyRow !== undefined) return rejected('INVALID_DTO', `${settings.dto}: ${faultyRow}`);
  }
  return {
    kind: 'forward',
    event: { table: key.table, isDelete: event.op === 'd', tsMs: event.source.ts_ms },
  };
}

function unknownTable(table: string, what: string, { config }: ValidationRules): Verdict {
  if (config.isExcluded(table)) return { kind: 'excluded', table };
  return rejected('UNKNOWN_TABLE', `no entry of the sync file matches the table of this ${what}`);
}

/** The verdict on an event whose schema nobody has published. */
export function schemaNotFound(fingerprint: string): Rejection {
  return {
    code: 'UNKNOWN_SCHEMA',
    reason: `no row schema with fingerprint ${fingerprint} is on the schemas topic`,
  };
}

function rejected(code: RejectCode, reason: string): Verdict {
  return { kind: 'rejected', rejection: { code, reason } };
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

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
