import { freeLarge, header, transient, type Rejection, type RowSchema, type Version } from '@tributary/change-event';
import type { SyncConfig } from '@tributary/sync-config';
import type { RowChange, TargetWriter } from '../row-change';
import { applyCoalesced } from './coalesce';
import { ChangeDecoder, schemaFingerprints, type EncodedChange } from './decode';
import type { Loss, PositionKeeper } from './position-keeper';

/** A record and a batch as `@tributary/kafka` delivers them. */
export interface SinkRecord extends Omit<EncodedChange, 'value'> {
  readonly value: Buffer | null;
  readonly offset: string;
}
export interface SinkBatch<R extends SinkRecord = SinkRecord> {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly R[];
}

export interface Rejected<R> {
  readonly record: R;
  readonly rejection: Rejection;
  /** Absent where the record could not be read. */
  readonly table?: string;
}

/** What became of one table's changes in a batch. */
export interface TableSummary {
  applied: number;
  stale: number;
  rejected: number;
  /** The newest applied change: when it was made on the source (UTC milliseconds), and its version. */
  newestTsMs: number;
  newestVersion: Version;
}

export interface SinkReport<R> {
  readonly tables: ReadonlyMap<string, TableSummary>;
  readonly rejected: readonly Rejected<R>[];
  readonly controlRecords: number;
  /** The target had lost its tail: the partition is being read again from there. */
  readonly loss?: Loss;
}

export interface SinkParts<R extends SinkRecord> {
  readonly target: 'mongo' | 'redis';
  readonly config: SyncConfig;
  readonly schemas: {
    get(fingerprint: string): RowSchema | undefined;
    /** Looks further for an unknown one. Throws a SyncError `retry` when it cannot look. */
    resolve(fingerprint: string): Promise<RowSchema | undefined>;
  };
  readonly writer: Pick<TargetWriter, 'apply'>;
  readonly positions: PositionKeeper;
  /** Puts events that can never be applied on the dead-letter topic; resolves when Kafka has them. */
  deadLetters(batch: SinkBatch<R>, rejected: readonly Rejected<R>[]): Promise<void>;
  /** Makes the consumer read a partition again from an offset. */
  rewind(topic: string, partition: number, offset: bigint): Promise<void>;
}

/** What both sinks do with a batch; they differ in the writer only. */
export class SinkHandler<R extends SinkRecord> {
  readonly #parts: SinkParts<R>;
  readonly #decoder: ChangeDecoder;

  constructor(parts: SinkParts<R>) {
    this.#parts = parts;
    this.#decoder = new ChangeDecoder(parts.config, (fingerprint) => parts.schemas.get(fingerprint));
  }

  /**
   * Resolves when every event of the batch is applied, superseded or a dead letter and the target has noted the
   * position: only then may its offsets be committed (R11, R12). Throws a SyncError `retry` when the target or
   * Kafka cannot take it now.
   */
  async handle(batch: SinkBatch<R>, signal: AbortSignal): Promise<SinkReport<R>> {
    const { positions, writer } = this.#parts;
    const run = positions.run(batch.partition);
    const { changes, rejected, tables, controlRecords } = await this.#decode(batch.records);
    // The texts that the rows were parsed from.
    freeLarge(changes.reduce((sum, { bytes }) => sum + bytes, 0));
    const outcomes = await applyCoalesced(writer, changes);
    changes.forEach((change, nth) => {
      const outcome = outcomes[nth]!;
      count(tables, change, outcome.kind);
      if (outcome.kind === 'rejected')
        rejected.push({
          record: batch.records[change.index]!,
          rejection: outcome.rejection,
          table: change.table.table,
        });
    });
    // Another process may own the partition by now, and would report the same events.
    if (signal.aborted) throw transient('STOPPED', 'The batch was taken away before it was confirmed.');
    if (rejected.length > 0) await this.#parts.deadLetters(batch, rejected);
    const next = BigInt(batch.records.at(-1)!.offset) + 1n;
    const loss = await positions.advance(batch.partition, run, next);
    if (loss) await this.feedAgain(batch.topic, loss);
    return { tables, rejected, controlRecords, ...(loss && { loss }) };
  }

  /** Goes back to where the target stands (R12). */
  async feedAgain(topic: string, loss: Loss): Promise<void> {
    await this.#parts.rewind(topic, loss.partition, loss.offset);
    this.#parts.positions.fedAgain(loss);
  }

  async #decode(records: readonly R[]) {
    const { schemas, target } = this.#parts;
    const unknown = [...schemaFingerprints(records)].filter((fingerprint) => !schemas.get(fingerprint));
    await Promise.all(unknown.map((fingerprint) => schemas.resolve(fingerprint)));
    const changes: RowChange[] = [];
    const rejected: Rejected<R>[] = [];
    const tables = new Map<string, TableSummary>();
    let controlRecords = 0;
    records.forEach((record, index) => {
      const { key, value, headers } = record;
      if (headers[header.control] !== undefined) {
        controlRecords += 1;
        return;
      }
      if (value === null) return;
      const decoded = this.#decoder.decode({ key, value, headers }, index);
      if ('rejection' in decoded) rejected.push({ record, rejection: decoded.rejection });
      else if (decoded.change.table[target].enabled) changes.push(decoded.change);
    });
    return { changes, rejected, tables, controlRecords };
  }
}

function count(
  tables: Map<string, TableSummary>,
  change: RowChange,
  kind: 'applied' | 'stale' | 'rejected',
): void {
  const { table } = change.table;
  let summary = tables.get(table);
  if (!summary)
    tables.set(table, (summary = { applied: 0, stale: 0, rejected: 0, newestTsMs: 0, newestVersion: '' }));
  summary[kind] += 1;
  if (kind !== 'applied' || change.version <= summary.newestVersion) return;
  summary.newestVersion = change.version;
  summary.newestTsMs = change.tsMs;
}
