/**
 * Keys whose row was read from its table instead of taken from the log. Such a row can be newer than entries of the
 * same key that still wait in the log, and their images would set it back for a moment; so those are read again as
 * well, until a read of the log that began after the row was read has found its end.
 */
export class RereadKeys {
  readonly #round = new Map<string, number>();
  #now = 0;

  note(table: string, key: string): void {
    this.#round.set(`${table}\0${key}`, this.#now);
  }

  get none(): boolean {
    return this.#round.size === 0;
  }

  has(table: string, key: string): boolean {
    return this.#round.size > 0 && this.#round.has(`${table}\0${key}`);
  }

  /** Ends a round of the loop; `drained`: its read found the log's end, so rows read in earlier rounds are covered. */
  endRound(drained: boolean): void {
    if (drained) for (const [key, round] of this.#round) if (round < this.#now) this.#round.delete(key);
    this.#now += 1;
  }
}
