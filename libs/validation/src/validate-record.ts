import {
  EventReader,
  header,
  parseControl,
  type EventForm,
  type ReadEvent,
  type RejectCode,
} from '@tributary/contract';
import { SyncError } from '@tributary/kernel';
import { ChangeEventDto, compileDto, EventKeyDto } from '@tributary/schemas';
import type { TableSettings } from '@tributary/sync-config';
import { quickVerdict } from './quick-verdict';
import { imageFault, keyFault } from './row-rules';
import type { CheckedRecord, ValidationRules, Verdict } from './verdict';

const AS_IT_IS: Verdict = { kind: 'forward' };

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

  const reading = readerOf(rules).read({ key, value, headers });
  if ('rejection' in reading) return { kind: 'rejected', ...reading };
  if ('excluded' in reading) return { kind: 'excluded', table: reading.excluded };
  if ('unknownSchema' in reading)
    return { kind: 'unknown-schema', fingerprint: reading.unknownSchema, table: reading.table };
  const { event } = reading;
  const verdict = validateRow(event, rules);
  return verdict.kind === 'rejected' ? { ...verdict, table: event.schema.table } : verdict;
}

const form: EventForm = { key: compileDto(EventKeyDto), event: compileDto(ChangeEventDto) };

const readerOf = ({ config, schema }: ValidationRules) => new EventReader(config, schema, form);

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

function validateRow(
  { settings, schema, key, event }: ReadEvent<TableSettings>,
  rules: ValidationRules,
): Verdict {
  const fault = keyFault(schema, key, event) ?? imageFault(schema, event);
  if (fault) return { kind: 'rejected', rejection: fault };
  if (settings.dto !== undefined && event.after !== null) {
    const faultyRow = rules.dto(settings.dto)(event.after);
    if (faultyRow !== undefined) return rejected('INVALID_DTO', `${settings.dto}: ${faultyRow}`);
  }
  return {
    kind: 'forward',
    event: { table: schema.table, isDelete: event.op === 'd', tsMs: event.source.ts_ms },
  };
}

function unknownTable(table: string, what: string, { config }: ValidationRules): Verdict {
  if (config.isExcluded(table)) return { kind: 'excluded', table };
  return rejected('UNKNOWN_TABLE', `no entry of the sync file matches the table of this ${what}`);
}

function rejected(code: RejectCode, reason: string): Verdict {
  return { kind: 'rejected', rejection: { code, reason } };
}
