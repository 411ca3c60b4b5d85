import {
  header,
  headerText,
  isLostRecord,
  parseControl,
  type LoadControl,
  type Rejection,
  type RowSchema,
} from '@tributary/contract';
import { transient } from '@tributary/kernel';
import { targetSettings, type SyncConfig } from '@tributary/sync-config';
import type { RowChange } from '../row-change';
import type { TableControl } from '../sweep/sweeper';
import type { TargetRules } from '../target-plugin';
import { ChangeDecoder, schemaFingerprints } from './decode';
import type { Rejected } from './rejected';
import type { RoundRecords, SinkRecord } from './round-records';
import { tableOfKey } from './table-of-key';
import { summaryOf, type TableSummary } from './table-summary';

export interface DecoderParts {
  readonly target: Pick<TargetRules, 'name'>;
  readonly config: SyncConfig;
  readonly schemas: {
    get(fingerprint: string): RowSchema | undefined;
    /** Looks further for an unknown one. Throws a SyncError `retry` when it cannot look. */
    resolve(fingerprint: string): Promise<RowSchema | undefined>;
    /** Names of all tables that ever had a schema. */
    tables(): Iterable<string>;
    /** Whether an unknown one of a table may have been lost with its topic and be published again soon. */
    mayYetCome(fingerprint: string, table: string): boolean;
  };
}

/** A control record, or a place behind which events were lost. */
export interface Step {
  readonly partition: number;
  readonly control: TableControl | 'lost';
}

/** A round, by what its records are. */
export interface Decoded<R extends SinkRecord> {
  readonly changes: RowChange[];
  readonly controls: TableControl[];
  readonly steps: readonly Step[];
  readonly tables: Map<string, TableSummary>;
  readonly rejected: Rejected<R>[];
}

/** Takes a round apart: changes of tables that go to the target, control records, and what cannot be read. */
export class RoundDecoder<R extends SinkRecord> {
  readonly #parts: DecoderParts;
  readonly #decoder: ChangeDecoder;

  constructor(parts: DecoderParts) {
    this.#parts = parts;
    this.#decoder = new ChangeDecoder(parts.config, (fingerprint) => parts.schemas.get(fingerprint));
  }

  async decode(records: RoundRecords<R>): Promise<Decoded<R>> {
    const { config, schemas } = this.#parts;
    const { name: target } = this.#parts.target;
    const all = records.round.flatMap((batch) => batch.records);
    const unknown = [...schemaFingerprints(all)].filter((fingerprint) => !schemas.get(fingerprint));
    await Promise.all(unknown.map((fingerprint) => schemas.resolve(fingerprint)));
    for (const fingerprint of unknown) this.#awaitSchema(fingerprint, all);
    const changes: RowChange[] = [];
    const rejected: Rejected<R>[] = [];
    const tables = new Map<string, TableSummary>();
    const steps: Step[] = [];
    records.each((record, index, batch) => {
      const { key, value, headers } = record;
      const { partition } = batch;
      if (isLostRecord(record)) {
        steps.push({ partition, control: 'lost' });
        return;
      }
      if (headers[header.control] !== undefined) {
        const control = parseControl(record);
        if (control === 'unknown') return;
        if ('table' in control && config.isExcluded(control.table)) return;
        const found = 'code' in control ? control : this.#tableOf(control);
        if ('code' in found) rejected.push({ batch, record, rejection: found });
        else if (targetSettings(found.settings, target).enabled) steps.push({ partition, control: found });
        return;
      }
      if (value === null) return;
      const decoded = this.#decoder.decode({ key, value, headers }, index);
      if ('rejection' in decoded) rejected.push({ batch, record, rejection: decoded.rejection });
      else if ('excluded' in decoded) summaryOf(tables, this.#label(decoded.excluded, headers)).excluded += 1;
      else if (targetSettings(decoded.change.table, target).enabled) changes.push(decoded.change);
    });
    const controls = steps.flatMap(({ control }) => (control === 'lost' ? [] : control));
    return { changes, rejected, tables, controls, steps };
  }

  /** Only tables whose schema is known: names in messages must not make labels without end. */
  #label(table: string, headers: R['headers']): string {
    const schema = this.#parts.schemas.get(headerText(headers, header.schema) ?? '');
    return schema?.table === table ? table : 'unknown';
  }

  /** Throws a SyncError `retry` while a schema that is unknown may have been lost with its topic. */
  #awaitSchema(fingerprint: string, records: readonly R[]): void {
    const { schemas, config } = this.#parts;
    if (schemas.get(fingerprint)) return;
    const of = records.find(({ headers }) => headerText(headers, header.schema) === fingerprint)!;
    const table = tableOfKey(of.key);
    if (table !== undefined && config.table(table) && schemas.mayYetCome(fingerprint, table))
      throw transient(
        'SCHEMA_AWAITED',
        `Row schema ${fingerprint} of ${table} is not on the schemas topic, which may have lost it: the relay is waited for, which publishes it again.`,
      );
  }

  #tableOf(control: LoadControl): TableControl | Rejection {
    const { config, schemas } = this.#parts;
    const settings = config.table(control.table);
    if (!settings)
      return { code: 'UNKNOWN_TABLE', reason: `no entry of the sync file matches ${control.table}` };
    const schema = schemas.get(control.schema);
    if (schema?.table !== control.table)
      return {
        code: 'UNKNOWN_SCHEMA',
        reason: `nobody has published a schema ${control.schema} of ${control.table}`,
      };
    return { control, settings, schema };
  }
}
