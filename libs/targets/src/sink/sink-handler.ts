import {
  freeLarge,
  header,
  headerText,
  isLostRecord,
  isNewer,
  parseControl,
  transient,
  type LoadControl,
  type Rejection,
  type RowSchema,
  type Version,
} from '@tributary/contract';
import { targetSettings, type SyncConfig } from '@tributary/sync-config';
import type { RowChange, TargetWriter } from '../row-change';
import type { TargetRules } from '../target-plugin';
import type { SweepNotes } from '../sweep/sweep-notes';
import { Sweeper, type RowKey, type SweepReport, type TableControl } from '../sweep/sweeper';
import { applyCoalesced } from './coalesce';
import { neighbours } from '../sweep/neighbours';
import { admit, type AdmissionParts } from './admission';
import { ChangeDecoder, schemaFingerprints } from './decode';
import type { Loss, PositionKeeper } from './position-keeper';
import { RoundRecords, type SinkBatch, type SinkRecord, type SinkRound } from './round-records';

export interface Rejected<R extends SinkRecord> {
  readonly batch: SinkBatch<R>;
  readonly record: R;
  readonly rejection: Rejection;
  /** Absent where the record could not be read. */
  readonly table?: string;
}

/** What became of one table's changes in a round. */
interface TableSummary {
  applied: number;
  stale: number;
  rejected: number;
  /** Left out: the table is suspended. */
  suspended: number;
  /** Left out: the sync file excludes the table. */
  excluded: number;
  /** The newest applied change: when it was made on the source (UTC milliseconds), and its version. */
  newestTsMs: number;
  newestVersion: Version | undefined;
}

export interface SinkReport<R extends SinkRecord> {
  readonly tables: ReadonlyMap<string, TableSummary>;
  readonly rejected: readonly Rejected<R>[];
  /** Loads that ended with this round: what was removed of rows that the source no longer has. */
  readonly sweeps: readonly SweepReport[];
}

export interface SinkParts<R extends SinkRecord> extends AdmissionParts {
  readonly target: Pick<TargetRules, 'name' | 'surfaces'>;
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
  readonly writer: Pick<TargetWriter, 'apply' | 'sweep' | 'rowId'>;
  /** Resolves when it is noted that events were left out, so that what they said is loaded later. */
  leftOut(): Promise<void>;
  readonly sweepNotes: SweepNotes;
  /** See `SweeperParts`. */
  refusedSince(table: string, floor: Version): Promise<readonly RowKey[] | undefined>;
  onProgress(): void;
  readonly positions: PositionKeeper;
  /** Puts events that can never be applied on the dead-letter topic; resolves when Kafka has them. */
  deadLetters(rejected: readonly Rejected<R>[]): Promise<void>;
  /** Resolves when a round came from the topic that the positions are on; throws a SyncError `retry` when not. */
  confirmTopic(topic: string): Promise<void>;
  /** Sees to what Kafka cannot bring back, before the partition is read again. */
  onLoss(loss: Loss): Promise<void>;
  /** Makes the consumer read a partition again from an offset. */
  rewind(topic: string, partition: number, offset: bigint): Promise<void>;
}

/** What every sink does with a round; they differ in the target only. */
export class SinkHandler<R extends SinkRecord> {
  readonly #parts: SinkParts<R>;
  readonly #decoder: ChangeDecoder;
  readonly #sweeper: Sweeper;

  constructor(parts: SinkParts<R>) {
    this.#parts = parts;
    this.#decoder = new ChangeDecoder(parts.config, (fingerprint) => parts.schemas.get(fingerprint));
    this.#sweeper = new Sweeper({
      notes: parts.sweepNotes,
      writer: parts.writer,
      shared: (settings) => targetSettings(settings, parts.target.name).shared,
      neighbour: neighbours(parts.target, parts.config, () => parts.schemas.tables()),
      refusedSince: (table, floor) => parts.refusedSince(table, floor),
      onProgress: () => parts.onProgress(),
    });
  }

  /**
   * Resolves when every event of the round is applied, superseded or a dead letter: only then may the target note the
   * positions, and after that offsets be committed (R11, R12). Throws a SyncError `retry` when the target or Kafka cannot
   * take it now.
   */
  async handle(round: SinkRound<R>, signal: AbortSignal): Promise<SinkReport<R>> {
    const { positions, writer } = this.#parts;
    const runs = round.map(({ partition }) => positions.run(partition));
    for (const { partition, records } of round)
      if (positions.misses(partition, BigInt(records[0]!.offset))) await this.#sweeper.missed(partition);
    const records = new RoundRecords(round);
    const decoded = await this.#decode(records);
    const { rejected, tables, steps } = decoded;
    const { changes, controls } = await this.#admitted(decoded, records);
    // The texts that the rows were parsed from.
    freeLarge(changes.reduce((sum, { bytes }) => sum + bytes, 0));
    const outcomes = await applyCoalesced(writer, changes);
    changes.forEach((change, nth) => {
      const outcome = outcomes[nth]!;
      count(tables, change, outcome.kind);
      if (outcome.kind === 'rejected') rejected.push(rejection(records, change, outcome.rejection));
    });
    // Another process may own the partitions by now, and would report the same events.
    if (signal.aborted) throw transient('STOPPED', 'The round was taken away before it was confirmed.');
    if (rejected.length > 0) await this.#parts.deadLetters(rejected);
    // After the rows before them, and after the dead letters, which a sweep asks for.
    const sweeps = await this.#control(round[0]!.topic, steps, controls, signal);
    round.forEach((batch, nth) => {
      const next = BigInt(batch.records.at(-1)!.offset) + 1n;
      positions.applied(batch.partition, runs[nth]!, next);
    });
    return { tables, rejected, sweeps };
  }

  async #control(
    topic: string,
    steps: readonly Step[],
    controls: readonly TableControl[],
    signal: AbortSignal,
  ): Promise<SweepReport[]> {
    const sweeps: SweepReport[] = [];
    // Begin and end of a load prove nothing when they are on two topics of the same name.
    if (steps.length > 0) await this.#parts.confirmTopic(topic);
    for (const { partition, control } of steps) {
      if (control === 'lost') await this.#sweeper.missed(partition);
      else if (controls.includes(control)) {
        const report = await this.#sweeper.take(control, partition, signal);
        if (report) sweeps.push(report);
      }
    }
    return sweeps;
  }

  /** Without what may not be applied, which is noted before the round is confirmed. */
  async #admitted({ changes, controls, tables, rejected }: Decoded<R>, records: RoundRecords<R>) {
    const admitted = await admit(this.#parts, changes, controls);
    for (const change of admitted.suspended) count(tables, change, 'suspended');
    for (const change of admitted.superseded) count(tables, change, 'stale');
    for (const { change, rejection: why } of admitted.strange) {
      count(tables, change, 'rejected');
      rejected.push(rejection(records, change, why));
    }
    const missed = new Map<number, Set<string>>();
    for (const { index, table } of [...admitted.suspended, ...admitted.superseded]) {
      const { partition } = records.batchOf(index);
      missed.set(partition, (missed.get(partition) ?? new Set()).add(table.table));
    }
    for (const [partition, of] of missed) await this.#sweeper.missed(partition, of);
    if (admitted.suspended.length > 0) await this.#parts.leftOut();
    return admitted;
  }

  /** The partitions stand on another topic than before: what was seen there of loads proves nothing any more. */
  async forgetLoads(partitions: readonly number[]): Promise<void> {
    for (const partition of partitions) await this.#sweeper.missed(partition);
  }

  /** Goes back to where the target stands (R12). */
  async feedAgain(topic: string, loss: Loss): Promise<void> {
    await this.#parts.onLoss(loss);
    await this.#parts.rewind(topic, loss.partition, loss.offset);
    this.#parts.positions.fedAgain(loss);
  }

  async #decode(records: RoundRecords<R>): Promise<Decoded<R>> {
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

/** A control record, or a place behind which events were lost. */
interface Step {
  readonly partition: number;
  readonly control: TableControl | 'lost';
}

interface Decoded<R extends SinkRecord> {
  readonly changes: RowChange[];
  readonly controls: TableControl[];
  readonly steps: readonly Step[];
  readonly tables: Map<string, TableSummary>;
  readonly rejected: Rejected<R>[];
}

const rejection = <R extends SinkRecord>(
  records: RoundRecords<R>,
  { index, table }: RowChange,
  why: Rejection,
): Rejected<R> => ({
  ...{ batch: records.batchOf(index), record: records.recordOf(index) },
  ...{ rejection: why, table: table.table },
});

function summaryOf(tables: Map<string, TableSummary>, table: string): TableSummary {
  let summary = tables.get(table);
  if (!summary)
    tables.set(
      table,
      (summary = {
        ...{ applied: 0, stale: 0, rejected: 0, suspended: 0, excluded: 0 },
        ...{ newestTsMs: 0, newestVersion: undefined },
      }),
    );
  return summary;
}

function count(
  tables: Map<string, TableSummary>,
  change: RowChange,
  kind: 'applied' | 'stale' | 'rejected' | 'suspended',
): void {
  const summary = summaryOf(tables, change.table.table);
  summary[kind] += 1;
  const { newestVersion } = summary;
  if (kind !== 'applied' || (newestVersion !== undefined && !isNewer(change.version, newestVersion))) return;
  summary.newestVersion = change.version;
  summary.newestTsMs = change.tsMs;
}

/** Of a record's or a control record's key; `undefined` when it names none. */
function tableOfKey(key: Buffer | null): string | undefined {
  try {
    const { table } = JSON.parse(String(key)) as { table?: unknown };
    return typeof table === 'string' ? table : undefined;
  } catch {
    return undefined;
  }
}
