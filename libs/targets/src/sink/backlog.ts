import type { SweepNoteStore } from '../sweep/sweep-notes';

/** Where the backlog of a group is noted: beside its other notes in the target. */
export const backlogGroup = (group: string) => `${group}:backlog`;

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

  /** The first offset by partition; partitions that lack nothing are left out. */
  async of(table: string): Promise<Map<number, bigint>> {
    return parse(await this.store.read(table));
  }

  /** Resolves when the target holds that events of the partition were left out from `offset` on. */
  async leftOut(table: string, partition: number, offset: bigint): Promise<void> {
    const key = `${partition} ${table}`;
    const known = this.#known.get(key);
    if (known !== undefined && known <= offset) return;
    const noted = await this.#update(table, (held) => {
      const first = held.get(partition);
      return first === undefined || offset < first ? held.set(partition, offset) : undefined;
    });
    this.#known.set(key, noted.get(partition)!);
  }

  /** What was left out before `to` has been done; `null`: all of it. Does nothing where more was left out since `from` was read. */
  async done(table: string, partition: number, from: bigint, to: bigint | null): Promise<void> {
    this.#known.delete(`${partition} ${table}`);
    await this.#update(table, (held) => {
      if (held.get(partition) !== from) return undefined;
      if (to === null) held.delete(partition);
      else held.set(partition, to);
      return held;
    });
  }

  /** The target may hold less than it did, or other processes may write there now. */
  forget(): void {
    this.#known.clear();
  }

  /** `change` answers what is to stand there; `undefined`: what does. */
  async #update(
    table: string,
    change: (held: Map<number, bigint>) => Map<number, bigint> | undefined,
  ): Promise<Map<number, bigint>> {
    for (;;) {
      const before = await this.store.read(table);
      const after = change(parse(before));
      if (after === undefined) return parse(before);
      const text = JSON.stringify(Object.fromEntries([...after].map(([at, offset]) => [at, String(offset)])));
      if (await this.store.replace(table, before, text)) return after;
    }
  }
}

const parse = (text: string | null): Map<number, bigint> =>
  new Map(
    Object.entries(JSON.parse(text ?? '{}') as Record<string, string>).map(([partition, offset]) => [
      Number(partition),
      BigInt(offset),
    ]),
  );
