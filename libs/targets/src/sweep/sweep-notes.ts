import type { SweepState } from './sweep-state';

/** Where a target keeps the sweep states of one consumer group, by table, as texts. Calls throw a SyncError `retry`. */
export interface SweepNoteStore {
  tables(): Promise<string[]>;
  read(table: string): Promise<string | null>;
  /** Writes only while `before` stands there (null: nothing), and says whether it did. */
  replace(table: string, before: string | null, after: string): Promise<boolean>;
}

/** Sweep states, changed by any number of processes at a time. */
export class SweepNotes {
  constructor(private readonly store: SweepNoteStore) {}

  tables(): Promise<string[]> {
    return this.store.tables();
  }

  async read(table: string): Promise<SweepState | undefined> {
    const text = await this.store.read(table);
    return text === null ? undefined : (JSON.parse(text) as SweepState);
  }

  /** Replaces a table's state by what `change` makes of it, and answers that. */
  async update(
    table: string,
    change: (state: SweepState | undefined) => SweepState | undefined,
  ): Promise<SweepState | undefined> {
    for (;;) {
      const before = await this.store.read(table);
      const state = before === null ? undefined : (JSON.parse(before) as SweepState);
      const after = change(state);
      if (after === undefined || after === state) return after;
      if (await this.store.replace(table, before, JSON.stringify(after))) return after;
    }
  }
}
