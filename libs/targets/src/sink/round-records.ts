import type { EncodedChange } from './quick-change';

/** A record as `@tributary/transport` delivers it. */
export interface SinkRecord extends Omit<EncodedChange, 'value'> {
  readonly value: Buffer | null;
  readonly offset: string;
}

/** Records of one partition, in their order. */
export interface SinkBatch<R extends SinkRecord = SinkRecord> {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly R[];
}

/** Batches of one topic, of each partition one at most. */
export type SinkRound<R extends SinkRecord = SinkRecord> = readonly SinkBatch<R>[];

/** The records of a round one after the other, so that a place tells one of them. */
export class RoundRecords<R extends SinkRecord> {
  readonly #starts: number[] = [];

  constructor(readonly round: SinkRound<R>) {
    let start = 0;
    for (const { records } of round) {
      this.#starts.push(start);
      start += records.length;
    }
  }

  /** Calls back for each record with its place. */
  each(take: (record: R, place: number, batch: SinkBatch<R>) => void): void {
    let place = 0;
    for (const batch of this.round) for (const record of batch.records) take(record, place++, batch);
  }

  batchOf(place: number): SinkBatch<R> {
    return this.round[this.#nth(place)]!;
  }

  recordOf(place: number): R {
    const nth = this.#nth(place);
    return this.round[nth]!.records[place - this.#starts[nth]!]!;
  }

  /** Which batch of the round. */
  #nth(place: number): number {
    return this.#starts.findLastIndex((start) => start <= place);
  }
}
