import { header, schemaNotFound, type Rejection } from '@tributary/contract';
import { freeLarge, transient } from '@tributary/kernel';
import type { DeadLetterWriter } from '@tributary/dead-letters';
import {
  OversizeRecordError,
  type InRecord,
  type OutRecord,
  type PassedBatch,
  type RecordBatch,
  type RecordPublisher,
  type Round,
} from '@tributary/transport';
import type { TrustedSchemas } from './trusted-schemas';
import { validateRecord } from './validate-record';
import type { ForwardedEvent, ValidationRules, Verdict } from './verdict';

export interface RoundValidatorParts {
  readonly rules: Omit<ValidationRules, 'schema'>;
  readonly schemas: TrustedSchemas;
  readonly publisher: Pick<RecordPublisher, 'send' | 'wholeBatch'>;
  readonly deadLetters: Pick<DeadLetterWriter, 'send'>;
  readonly validatedTopic: string;
  /** Of the topic of a round: see `BatchServer.confirmTopic`. */
  confirmTopic(topic: string): Promise<void>;
}

export interface RejectedRecord {
  readonly batch: RecordBatch;
  readonly record: InRecord;
  readonly rejection: Rejection;
  readonly table?: string;
}

/** What became of a round; every record but control records and tombstones is in one of the lists. */
export interface RoundOutcome {
  readonly forwarded: readonly ForwardedEvent[];
  readonly rejected: readonly RejectedRecord[];
  /** The tables of records that were skipped, one for each. */
  readonly excluded: readonly string[];
}

interface Forwarded {
  readonly batch: RecordBatch;
  readonly record: InRecord;
  readonly event?: ForwardedEvent;
  /** Says something of the records before it. */
  readonly isControl?: true;
}

/** Judges the records of a round and passes them on: good ones in order, bad ones to the dead letters. */
export class RoundValidator {
  readonly #parts: RoundValidatorParts;

  constructor(parts: RoundValidatorParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when Kafka holds every record of the round on one topic or the other, so that offsets may be committed
   * (R12). Throws a SyncError when Kafka cannot be asked or refuses; then its batches come again.
   */
  async run(round: Round, signal: AbortSignal): Promise<RoundOutcome> {
    const records = round.flatMap((batch) => batch.records);
    const verdicts = await this.#judge(records);
    // The rows as objects are not needed any more; what goes on are their bytes.
    freeLarge(records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0));
    const rejected: RejectedRecord[] = [];
    const excluded: string[] = [];
    let place = 0;
    const forwarded = round.map((batch) => {
      const good: Forwarded[] = [];
      for (const record of batch.records) {
        const verdict = verdicts[place++]!;
        if (verdict.kind === 'forward') good.push({ batch, record, ...verdict });
        else if (verdict.kind === 'excluded') excluded.push(verdict.table);
        else if (verdict.kind === 'rejected') rejected.push({ batch, record, ...verdict });
        else {
          const rejection = schemaNotFound(verdict.fingerprint);
          rejected.push({ batch, record, rejection, table: verdict.table });
        }
      }
      return good;
    });
    // Another process may own the partitions by now: its records must not be overtaken by ours.
    if (signal.aborted) throw transient('STOPPED', 'The round was taken away before it was published.');
    await this.#parts.deadLetters.send(rejected);
    // The end of a load says that all of it came before: not on a topic that was made anew in between.
    if (forwarded.flat().some(({ isControl }) => isControl)) await this.#parts.confirmTopic(round[0]!.topic);
    const tooLarge: RejectedRecord[] = [];
    // What a control record speaks of must be on one topic or the other before it is itself.
    const runs = forwarded.map((good) => runsBefore(good, ({ isControl }) => isControl === true));
    for (let nth = 0; runs.some(({ length }) => nth < length); nth += 1) {
      const refused = await this.#forward(runs.flatMap((of) => of[nth] ?? []));
      await this.#parts.deadLetters.send(refused);
      tooLarge.push(...refused);
    }
    const lost = new Set(tooLarge.map(({ record }) => record));
    return {
      forwarded: forwarded.flat().flatMap(({ record, event }) => (event && !lost.has(record) ? event : [])),
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
  async #forward(forwarded: readonly Forwarded[]): Promise<RejectedRecord[]> {
    const out: (OutRecord | PassedBatch)[] = [];
    const sources: Forwarded[] = [];
    const records = forwarded.map(({ record }) => record);
    for (let at = 0; at < forwarded.length;) {
      const { partition } = forwarded[at]!.batch;
      const batch = this.#parts.publisher.wholeBatch(records, at);
      const own = forwarded.slice(at, at + (batch?.count ?? 1));
      at += own.length;
      // A delete needs its tombstone behind it.
      if (batch && !own.some(({ event }) => event?.isDelete)) out.push({ batch, partition });
      else for (const source of own) out.push(...recordsFor(source));
      for (const source of own) sources.push(source, ...(source.event?.isDelete ? [source] : []));
    }
    try {
      await this.#parts.publisher.send(this.#parts.validatedTopic, out);
      return [];
    } catch (error) {
      if (!(error instanceof OversizeRecordError)) throw error;
      const reason = `topic ${error.topic} takes no record of this size (max.message.bytes)`;
      const refused = new Set(error.indexes.map((index) => sources[index]!));
      return [...refused].map(({ batch, record, event }) => ({
        batch,
        record,
        rejection: { code: 'OVERSIZE', reason },
        ...(event && { table: event.table }),
      }));
    }
  }
}

/** The record as it came; behind a delete its tombstone. */
function recordsFor({ record, batch, event }: Forwarded): OutRecord[] {
  const { key, value, headers } = record;
  const { partition } = batch;
  const same = { key, value, headers, partition };
  if (!event?.isDelete) return [same];
  return [same, { key, value: null, headers: { [header.version]: headers[header.version] }, partition }];
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
