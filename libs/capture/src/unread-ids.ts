/** Ids from one to another, both included. */
interface IdRange {
  readonly from: bigint;
  readonly to: bigint;
}

/** Where entries can be that nobody has read: above an id, and in gaps up to it, lowest first. */
export interface Unread {
  readonly above: bigint;
  readonly gaps: readonly IdRange[];
}

export const ALL_UNREAD: Unread = { above: 0n, gaps: [] };

interface Gap extends IdRange {
  /** When an id behind it, or of it, was read. */
  readonly since: number;
}

/** So many gaps are kept apart; beyond it the lowest ones become one, with what was read between them. */
const MOST_GAPS = 16;
/** Milliseconds. What a longer transaction logged is found by the next look; an older gap is as a rule one of a rollback. */
const YOUNG_MS = 60_000;

/**
 * Which ids a term has read. A look at the log that begins at its first id walks over all deleted entries that the server
 * has not purged yet, many times a second; no entry can come under an id that was read before, so those are left out. An id
 * that was passed over stays a gap for ever: its transaction may commit late (R2). No clock and no highest id decides it.
 */
export class UnreadIds {
  #highest = 0n;
  #gaps: Gap[] = [];

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** What a look has to look at, above ids up to `bound`. */
  above(bound: bigint): Unread {
    if (bound >= this.#highest) return { above: bound, gaps: [] };
    const gaps = this.#gaps.filter(({ to }) => to > bound);
    return {
      above: this.#highest,
      gaps: gaps.map(({ from, to }) => ({ from: from > bound ? from : bound + 1n, to })),
    };
  }

  /** Entries above it come soon, if any: transactions of some seconds are behind it. */
  get soon(): bigint {
    const since = this.now() - YOUNG_MS;
    const young = this.#gaps.find((gap) => gap.since > since);
    return young ? young.from - 1n : this.#highest;
  }

  /** Whether a look looks at it. */
  isUnread(id: bigint): boolean {
    return id > this.#highest || this.#gaps.some(({ from, to }) => from <= id && id <= to);
  }

  /** These were read, in rising order. */
  read(ids: readonly bigint[]): void {
    const since = this.now();
    for (const id of ids) {
      if (id > this.#highest) {
        if (id > this.#highest + 1n) this.#gaps.push({ from: this.#highest + 1n, to: id - 1n, since });
        this.#highest = id;
      } else this.#split(id, since);
    }
    while (this.#gaps.length > MOST_GAPS) {
      const [lowest, next] = this.#gaps as [Gap, Gap];
      this.#gaps.splice(0, 2, { from: lowest.from, to: next.to, since: Math.max(lowest.since, next.since) });
    }
  }

  /** Nothing is known any more: ids have begun anew. */
  clear(): void {
    [this.#highest, this.#gaps] = [0n, []];
  }

  #split(id: bigint, since: number): void {
    const at = this.#gaps.findIndex(({ from, to }) => from <= id && id <= to);
    if (at < 0) return;
    const { from, to } = this.#gaps[at]!;
    const rest = [
      { from, to: id - 1n, since },
      { from: id + 1n, to, since },
    ];
    this.#gaps.splice(at, 1, ...rest.filter((gap) => gap.from <= gap.to));
  }
}
