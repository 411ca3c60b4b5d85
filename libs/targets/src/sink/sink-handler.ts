import type { Version } from '@tributary/contract';
import { freeLarge, transient } from '@tributary/kernel';
import { targetSettings } from '@tributary/sync-config';
import type { RowChange, TargetWriter } from '../row-change';
import { LateRows } from '../sweep/late-rows';
import { sharesPlaceWith } from '../sweep/shared-places';
import type { SweepNotes } from '../sweep/sweep-notes';
import type { Feed } from '../sweep/sweep-state';
import { Sweeper, type RowKey, type SweepReport, type TableControl } from '../sweep/sweeper';
import type { TargetRules } from '../target-plugin';
import { admit, type AdmissionParts } from './admission';
import { applyCoalesced } from './coalesce';
import { leaveOut, type LeavesOut } from './leave-out';
import type { Loss, PositionKeeper, Run } from './position-keeper';
import { rejection, type Rejected } from './rejected';
import { RoundDecoder, type Decoded, type DecoderParts, type Step } from './round-decoder';
import { RoundRecords, type SinkRecord, type SinkRound } from './round-records';
import { count, type TableSummary } from './table-summary';

export interface SinkReport<R extends SinkRecord> {
  readonly tables: ReadonlyMap<string, TableSummary>;
  readonly rejected: readonly Rejected<R>[];
  /** Loads that ended with this round: what was removed of rows that the source no longer has. */
  readonly sweeps: readonly SweepReport[];
}

export interface SinkParts<R extends SinkRecord> extends AdmissionParts, DecoderParts {
  readonly target: Pick<TargetRules, 'name' | 'surfaces'>;
  /** Whose rounds these are. */
  readonly feed: Feed;
  readonly writer: Pick<TargetWriter, 'apply' | 'sweep' | 'rowId'>;
  /** Resolves when it is noted that events were left out, so that what they said is loaded later. */
  leftOut(): Promise<void>;
  /** What a round that begins now leaves out, because an operator has paused it; `undefined`: nothing. */
  leavesOut(): LeavesOut | undefined;
  /** Resolves when it is noted that events of a partition were left out from an offset on, so that they are read again. */
  leftOutPaused(table: string, partition: number, from: bigint): Promise<void>;
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
  /** Makes the consumer read a partition again from an offset: rounds that begin after the call do not bring what was fetched before. */
  rewind(topic: string, partition: number, offset: bigint): Promise<void>;
}

/** What every sink does with a round; they differ in the target only. */
export class SinkHandler<R extends SinkRecord> {
  readonly #parts: SinkParts<R>;
  readonly #decoder: RoundDecoder<R>;
  readonly #sweeper: Sweeper;
  /** Live changes stand on one topic with their loads, in order. */
  readonly #late: LateRows | undefined;

  constructor(parts: SinkParts<R>) {
    this.#parts = parts;
    this.#decoder = new RoundDecoder(parts);
    this.#sweeper = new Sweeper({
      notes: parts.sweepNotes,
      writer: parts.writer,
      shared: (settings) => targetSettings(settings, parts.target.name).shared,
      neighbour: sharesPlaceWith(parts.target, parts.config, () => parts.schemas.tables()),
      refusedSince: (table, floor) => parts.refusedSince(table, floor),
      onProgress: () => parts.onProgress(),
    });
    const { feed, writer, sweepNotes: notes } = parts;
    if (feed === 'loads')
      this.#late = new LateRows({
        ...{ notes, writer },
        refusedSince: (table, floor) => parts.refusedSince(table, floor),
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
    const leavesOut = this.#parts.leavesOut();
    for (const { partition, records } of round)
      if (positions.misses(partition, BigInt(records[0]!.offset))) await this.#missed(partition);
    const records = new RoundRecords(round);
    const whole = await this.#decoder.decode(records);
    const decoded = leavesOut ? await this.#withoutPaused(whole, records, leavesOut, runs) : whole;
    const { rejected, tables, steps } = decoded;
    const { changes: admitted, controls } = await this.#admitted(decoded, records);
    const changes = await this.#withoutLate(admitted, tables);
    // The texts that the rows were parsed from.
    freeLarge(changes.reduce((sum, { bytes }) => sum + bytes, 0));
    const outcomes = await applyCoalesced(writer, changes);
    changes.forEach((change, nth) => {
      const outcome = outcomes[nth]!;
      count(tables, change, outcome.kind);
      if (outcome.kind === 'rejected') rejected.push(rejection(records, change, outcome.rejection));
    });
    await this.#late?.removeOvertaken(changes);
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

  async #withoutLate(changes: RowChange[], tables: Map<string, TableSummary>): Promise<RowChange[]> {
    if (!this.#late) return changes;
    const { current, late } = await this.#late.split(changes);
    for (const change of late) count(tables, change, 'stale');
    return current;
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
      if (control === 'lost') await this.#missed(partition);
      else if (controls.includes(control)) {
        const report = await this.#sweeper.take(control, { feed: this.#parts.feed, partition }, signal);
        if (report) sweeps.push(report);
      }
    }
    return sweeps;
  }

  /** Without what may not be applied, which is noted before the round is confirmed. */
  async #admitted(decoded: Decoded<R>, records: RoundRecords<R>) {
    const { changes, controls, tables, rejected } = decoded;
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
    for (const [partition, of] of missed) await this.#missed(partition, of);
    if (admitted.suspended.length > 0) await this.#parts.leftOut();
    return admitted;
  }

  /** Whole batches are read again: loads of the table that began in one go on as if it had come but then. */
  async #withoutPaused(
    whole: Decoded<R>,
    records: RoundRecords<R>,
    leavesOut: LeavesOut,
    runs: readonly Run[],
  ): Promise<Decoded<R>> {
    const { decoded, missed } = leaveOut(whole, records, leavesOut);
    for (const [nth, { partition, records: batch }] of records.round.entries())
      for (const table of missed.get(partition) ?? [])
        // What has gone back meanwhile brings all of it again.
        if (!this.#parts.positions.isOver(partition, runs[nth]!))
          await this.#parts.leftOutPaused(table, partition, BigInt(batch[0]!.offset));
    return decoded;
  }

  /** Of this table, events of a partition are gone for good: loads that are under way prove nothing. */
  async forgetLoad(table: string, partition: number): Promise<void> {
    await this.#missed(partition, [table]);
  }

  /** The partitions stand on another topic than before: what was seen there of loads proves nothing any more. */
  async forgetLoads(partitions: readonly number[]): Promise<void> {
    for (const partition of partitions) await this.#missed(partition);
  }

  #missed(partition: number, tables?: Iterable<string>): Promise<void> {
    return this.#sweeper.missed({ feed: this.#parts.feed, partition }, tables);
  }

  /** Goes back to where the target stands (R12). */
  async rewindToTarget(topic: string, loss: Loss): Promise<void> {
    await this.#parts.onLoss(loss);
    await this.#parts.rewind(topic, loss.partition, loss.offset);
    this.#parts.positions.rewound(loss);
  }

  /**
   * Reads a partition again from an offset on, although the target has lost nothing, and answers whether it does. `onBack` is
   * called in the moment from which rounds bring what is read again. Throws a SyncError `retry`.
   */
  readAgain(topic: string, partition: number, offset: bigint, onBack: () => void): Promise<boolean> {
    return this.#parts.positions.goBack(partition, offset, () => {
      onBack();
      return this.#parts.rewind(topic, partition, offset);
    });
  }
}
