/**
 * Records of a `send` that no broker of this set-up will ever take, because they are larger than the topic
 * allows. All other records of that call were delivered, in order.
 */
export class OversizeRecordError extends Error {
  constructor(
    readonly topic: string,
    /** Positions in the array given to `send`, ascending; never empty. */
    readonly indexes: readonly number[],
  ) {
    super(`${indexes.length} record(s) are larger than topic ${topic} allows (max.message.bytes)`);
    this.name = 'OversizeRecordError';
  }

  /** The first of `indexes`. */
  get index(): number {
    return this.indexes[0]!;
  }
}
