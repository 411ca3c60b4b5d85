import { keyColumns, rowKeyText, type Version, type WireRow } from '@tributary/contract';
import {
  keyOfText,
  shownPair,
  type EntryList,
  type Expectation,
  type Finding,
  type TargetEntry,
  type TargetView,
  type ViewedRow,
  type ViewedTable,
} from '@tributary/targets';
import type { HeldTable } from './map-store';

/** A table's side of a comparison: wire values against wire values. */
export class MapView implements TargetView {
  readonly lists: readonly EntryList[];

  constructor(
    readonly target: string,
    private readonly table: ViewedTable,
    private readonly held: HeldTable,
  ) {
    this.lists = [
      {
        named: true,
        nameOf: (row) => this.#keyText(row),
        entries: () => this.#entries(),
        unseen: async (entries) => entries,
      },
    ];
  }

  entryOf(key: WireRow): TargetEntry {
    const id = this.#keyText(key);
    return { id, identity: id, keys: [key] };
  }

  async candidates(rows: readonly ViewedRow[]): Promise<ViewedRow[]> {
    return rows.filter(({ key, row }) => this.#finding({ key, row }) !== undefined);
  }

  async inspect(expected: readonly Expectation[]): Promise<(Finding | undefined)[]> {
    return expected.map((expectation) => this.#finding(expectation));
  }

  async versions(keys: readonly WireRow[]): Promise<(Version | undefined)[]> {
    return keys.map((key) => this.held.rows.get(this.#keyText(key))?.version);
  }

  async sample(count: number): Promise<TargetEntry[]> {
    return [...this.held.rows.keys()].slice(0, count).map((id) => this.#entryOf(id));
  }

  #finding({ key, row }: Expectation): Finding | undefined {
    const held = this.held.rows.get(this.#keyText(key));
    if (!held) return row ? { kind: 'missing', columns: [] } : undefined;
    const { version } = held;
    if (!row) return { kind: 'extra', columns: [], version };
    const columns = this.table.schema.columns.flatMap(({ field }) => {
      const [source, target] = [JSON.stringify(row[field]), JSON.stringify(held.row[field])];
      return source === target ? [] : [{ column: field, ...shownPair(source, target) }];
    });
    return columns.length > 0 ? { kind: 'different', columns, version } : undefined;
  }

  async *#entries() {
    yield [...this.held.rows.keys()].map((name) => ({ name, entry: () => this.#entryOf(name) }));
  }

  #entryOf(id: string): TargetEntry {
    const key = keyOfText(keyColumns(this.table.schema), id);
    return { id, identity: id, keys: key ? [key] : [] };
  }

  #keyText(key: WireRow): string {
    return rowKeyText(keyColumns(this.table.schema), key);
  }
}
