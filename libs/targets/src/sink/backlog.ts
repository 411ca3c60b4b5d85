import type { SweepNoteStore } from '../sweep/sweep-notes';

/** Where the backlog of a group is noted: beside its other notes in the target. */
export const backlogGroup = (group: string) => `${group}:backlog`;

/** Where a group's notes about the topic of loads stand, positions and backlog: partitions there have the same numbers. */
export const loadsNotes = (group: string) => `${group}:loads`;

/** What was left out of a partition. */
export interface LeftOut {
  /** The first offset. */
  readonly from: bigint;
  /** How often somebody began to leave out more: another number says that there is more than was known. */
  readonly times: number;
}

/**
 * From where on each partition has to be read again for a table that was left out while it was paused. The target keeps it
 * beside the positions, by table, and is told before a position behind it is noted: what was left out cannot be forgotten,
 * whoever owns the partition by then (R12).
 */
export class Backlog {
  /** What surely stands there, by table and partition: asked for each round. */
  readonly #known = new Map<string, bigint>();

  /** `store`: of `backlogGroup`. */
  constructor(private readonly store: SweepNoteStore) {}

  /** All tables that ever had one. */
  tables(): Promise<string[]> {
    return this.store.tables();
  }

  /** By partition; partitions that lack nothing are left out. */
  async of(table: string): Promise<Map<number, LeftOut>> {
    return parse(await this.store.read(table));
  }

  /** Resolves when the target holds that events of the partition were left out from `offset` on. */
  async leftOut(table: string, partition: number, offset: bigint): Promise<void> {
    const key = `${partition} ${table}`;
    const known = this.#known.get(key);
    if (known !== undefined && known <= offset) return;
    const noted = await this.#update(table, (held) => {
      const { from, times } = held.get(partition) ?? { from: offset, times: 0 };
      return held.set(partition, { from: offset < from ? offset : from, times: times + 1 });
    });
    this.#known.set(key, noted.get(partition)!.from);
  }

  /** This is done. Does nothing where more was left out since it was read. */
  async done(table: string, partition: number, { from, times }: LeftOut): Promise<void> {
    this.#known.delete(`${partition} ${table}`);
    await this.#update(table, (held) => {
      const now = held.get(partition);
      if (now?.from !== from || now.times !== times) return undefined;
      held.delete(partition);
      return held;
    });
  }

  /** What was left out of these partitions cannot be read again. */
  async drop(partitions: readonly number[]): Promise<void> {
    this.forget();
    for (const table of await this.tables())
      await this.#update(table, (held) => {
        const dropped = partitions.filter((partition) => held.delete(partition));
        return dropped.length > 0 ? held : undefined;
      });
  }

  /** The target may hold less than it did, or other processes may write there now. */
  forget(): void {
    this.#known.clear();
  }

  /** `change` answers what is to stand there; `undefined`: what does. */
  async #update(
    table: string,
    change: (held: Map<number, LeftOut>) => Map<number, LeftOut> | undefined,
  ): Promise<Map<number, LeftOut>> {
    for (;;) {
      const before = await this.store.read(table);
      const after = change(parse(before));
      if (after === undefined) return parse(before);
      if (await this.store.replace(table, before, textOf(after))) return after;
    }
  }
}

type Noted = Record<string, readonly [from: string, times: number]>;

const textOf = (held: ReadonlyMap<number, LeftOut>) =>
  JSON.stringify(
    Object.fromEntries(
      [...held].map(([partition, { from, times }]) => [partition, [String(from), times]]),
    ) satisfies Noted,
  );

const parse = (text: string | null): Map<number, LeftOut> =>
  new Map(
    Object.entries(JSON.parse(text ?? '{}') as Noted).map(([partition, [from, times]]) => [
      Number(partition),
      { from: BigInt(from), times },
    ]),
  );
