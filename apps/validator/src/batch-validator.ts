import { freeLarge, header, transient, type Rejection } from '@tributary/change-event';
import {
  OversizeRecordError,
  type DeadLetter,
  type DeadLetters,
  type InRecord,
  type OutRecord,
  type Publisher,
  type RecordBatch,
} from '@tributary/kafka';
import type { TrustedSchemas } from './trusted-schemas';
import { schemaNotFound, validateRecord } from './validate-record';
import type { ForwardedEvent, ValidationRules, Verdict } from './verdict';

export interface BatchValidatorParts {
  readonly rules: Omit<ValidationRules, 'schema'>;
  readonly schemas: TrustedSchemas;
  readonly publisher: Pick<Publisher, 'send'>;
  readonly deadLetters: Pick<DeadLetters, 'send'>;
  readonly validatedTopic: string;
  /** Of the topic of a batch: see `BatchServer.confirmTopic`. */
  confirmTopic(topic: string): Promise<void>;
}

export interface RejectedRecord {
  readonly record: InRecord;
  readonly rejection: Rejection;
  readonly table?: string;
}

/** What became of a batch; every record but control records and tombstones is in one of the lists. */
export interface BatchOutcome {
  readonly forwarded: readonly ForwardedEvent[];
  readonly rejected: readonly RejectedRecord[];
  /** The tables of records that were skipped, one for each. */
  readonly excluded: readonly string[];
}

interface Forwarded {
  readonly record: InRecord;
  readonly event?: ForwardedEvent;
  /** Says something of the records before it. */
  readonly isControl?: true;
}

/** Judges the records of one batch and passes them on: good ones in order, bad ones to the dead letters. */
export class BatchValidator {
  readonly #parts: BatchValidatorParts;

  constructor(parts: BatchValidatorParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when Kafka holds every record of the batch on one topic or the other, so that offsets may be committed
   * (R12). Throws a SyncError when Kafka cannot be asked or refuses; then the same batch comes again.
   */
  async run(batch: RecordBatch, signal: AbortSignal): Promise<BatchOutcome> {
    const verdicts = await this.#judge(batch.records);
    // The rows as objects are not needed any more; what goes on are their bytes.
    freeLarge(batch.records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0));
    const rejected: RejectedRecord[] = [];
    const forwarded: Forwarded[] = [];
    const excluded: string[] = [];
    verdicts.forEach((verdict, at) => {
      const record = batch.records[at]!;
      if (verdict.kind === 'forward') forwarded.push({ record, ...verdict });
      else if (verdict.kind === 'excluded') excluded.push(verdict.table);
      else if (verdict.kind === 'rejected') rejected.push({ record, ...verdict });
      else rejected.push({ record, rejection: schemaNotFound(verdict.fingerprint), table: verdict.table });
    });
    // Another process may own the partition by now: its records must not be overtaken by ours.
    if (signal.aborted) throw transient('STOPPED', 'The batch was taken away before it was published.');
    await this.#bury(batch, rejected);
    // The end of a load says that all of it came before: not on a topic that was made anew in between.
    if (forwarded.some(({ isControl }) => isControl)) await this.#parts.confirmTopic(batch.topic);
    const tooLarge: RejectedRecord[] = [];
    // What a control record speaks of must be on one topic or the other before it is itself.
    for (const run of runsBefore(forwarded, ({ isControl }) => isControl === true)) {
      const refused = await this.#forward(batch.partition, run);
      await this.#bury(batch, refused);
      tooLarge.push(...refused);
    }
    const lost = new Set(tooLarge.map(({ record }) => record));
    return {
      forwarded: forwarded.flatMap(({ record, event }) => (event && !lost.has(record) ? event : [])),
      rejected: [...rejected, ...tooLarge],
      excluded,
    };
  }

  async #judge(records: readonly InRecord[]): Promise<Verdict[]> {
    const { schemas } = this.#parts;
    const rules: ValidationRules = {
      ...this.#parts.rules,
      schema: (fingerprint) => schemas.get(fingerprint),
    };
    const verdicts = records.map((record) => validateRecord(record, rules));
    const unknown = new Set(
      verdicts.flatMap((verdict) => (verdict.kind === 'unknown-schema' ? verdict.fingerprint : [])),
    );
    if (unknown.size === 0) return verdicts;
    await schemas.learn([...unknown]);
    const again = verdicts.map((verdict, at) =>
      verdict.kind === 'unknown-schema' ? validateRecord(records[at]!, rules) : verdict,
    );
    for (const verdict of again)
      if (verdict.kind === 'unknown-schema' && schemas.mayYetCome(verdict.fingerprint, verdict.table))
        throw transient(
          'SCHEMA_AWAITED',
          `Row schema ${verdict.fingerprint} of ${verdict.table} is not on the schemas topic, which may have lost it: the relay is waited for, which publishes it again.`,
        );
    return again;
  }

  /** Sends the good records on; answers those that the topic does not take. */
  async #forward(partition: number, forwarded: readonly Forwarded[]): Promise<RejectedRecord[]> {
    const out: OutRecord[] = [];
    const sources: Forwarded[] = [];
    for (const source of forwarded) {
      const { key, value, headers } = source.record;
      out.push({ key, value, headers, partition });
      sources.push(source);
      if (!source.event?.isDelete) continue;
      out.push({ key, value: null, headers: { [header.version]: headers[header.version] }, partition });
      sources.push(source);
    }
    try {
      await this.#parts.publisher.send(this.#parts.validatedTopic, out);
      return [];
    } catch (error) {
      if (!(error instanceof OversizeRecordError)) throw error;
      const reason = `topic ${error.topic} takes no record of this size (max.message.bytes)`;
      const refused = new Set(error.indexes.map((index) => sources[index]!));
      return [...refused].map(({ record, event }) => ({
        record,
        rejection: { code: 'OVERSIZE', reason },
        ...(event && { table: event.table }),
      }));
    }
  }

  async #bury({ topic, partition }: RecordBatch, rejected: readonly RejectedRecord[]): Promise<void> {
    if (rejected.length === 0) return;
    const letters: DeadLetter[] = rejected.map(({ record, rejection }) => ({
      record,
      topic,
      partition,
      rejection,
    }));
    try {
      await this.#parts.deadLetters.send(letters);
    } catch (error) {
      if (!(error instanceof OversizeRecordError)) throw error;
      throw transient(
        'DEAD_LETTER_TOO_LARGE',
        `Topic ${error.topic} takes no dead letter of this size: raise its max.message.bytes above that of ${topic}.`,
        error,
      );
    }
  }
}

/** Cuts a list before each item that begins a new run. */
function runsBefore<T>(items: readonly T[], begins: (item: T) => boolean): T[][] {
  const runs: T[][] = [];
  for (const item of items) {
    const last = runs.at(-1);
    if (last && !begins(item)) last.push(item);
    else runs.push([item]);
  }
  return runs;
}
