import {
  columnKinds,
  EventReader,
  header,
  headerText,
  keyColumns,
  rowKeyText,
  schemaNotFound,
  type Column,
  type Headers,
  type RejectCode,
  type Rejection,
  type RowSchema,
} from '@tributary/contract';
import { SyncError, transient } from '@tributary/kernel';
import type { SyncConfig, TableSettings } from '@tributary/sync-config';
import type { RowChange } from '../row-change';
import { QuickChanges, type EncodedChange } from './quick-change';

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
  readonly #reader: EventReader<TableSettings>;

  constructor(config: SyncConfig, schemaOf: (fingerprint: string) => RowSchema | undefined) {
    this.#quick = new QuickChanges(config, schemaOf);
    this.#reader = new EventReader(config, schemaOf);
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
      const change = quick?.read(record, index);
      return change ? { change } : this.#read(record, index);
    } catch (error) {
      // A schema that waits for a newer release is nobody's fault.
      if (error instanceof SyncError) throw error;
      return rejected('INVALID_ROW', `the row cannot be read: ${(error as Error).name}`);
    }
  }

  #read(record: EncodedChange, index: number): Decoded {
    const reading = this.#reader.read(record);
    if ('rejection' in reading || 'excluded' in reading) return reading;
    if ('unknownSchema' in reading) return { rejection: schemaNotFound(reading.unknownSchema) };
    const { settings, schema, version, key, event } = reading.event;
    const { op, after } = event;
    if (op === 't') return rejected('INVALID_ENVELOPE', 'op t changes no row');
    const columns = this.#keyColumns(schema);
    for (const { field } of columns)
      if (key[field] === undefined || key[field] === null)
        return rejected('INVALID_KEY', `the key lacks the column ${field}`);
    return {
      change: {
        table: settings,
        schema,
        op,
        key,
        keyText: rowKeyText(columns, key),
        after,
        version,
        tsMs: event.source.ts_ms,
        bytes: record.value.length,
        index,
      },
    };
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

const rejected = (code: RejectCode, reason: string): Decoded => ({ rejection: { code, reason } });
