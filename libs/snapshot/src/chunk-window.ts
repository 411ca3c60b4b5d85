/**
 * While a chunk is on its way, the relay notes which of the table's keys it published with an id above the
 * chunk's floor. Such a row is left out of the chunk: its event is already on the topic and is not older. The
 * version guard of the targets does not need this; readers of the topics that have no version guard do (R5).
 */
export class ChunkWindow {
  readonly #touched = new Set<string>();
  /** When the chunk's read view existed for sure (`performance.now()`); `Infinity` until then. */
  viewAt = Infinity;

  constructor(
    readonly table: string,
    readonly floor: bigint,
  ) {}

  note(id: bigint, key: string): void {
    if (id > this.floor) this.#touched.add(key);
  }

  has(key: string): boolean {
    return this.#touched.has(key);
  }
}

/** The windows that are open now. */
export class ChunkWindows {
  readonly #open = new Map<string, Set<ChunkWindow>>();

  open(table: string, floor: bigint): ChunkWindow {
    const window = new ChunkWindow(table, floor);
    const ofTable = this.#open.get(table) ?? new Set();
    this.#open.set(table, ofTable.add(window));
    return window;
  }

  close(window: ChunkWindow): void {
    const ofTable = this.#open.get(window.table);
    ofTable?.delete(window);
    if (ofTable?.size === 0) this.#open.delete(window.table);
  }

  /** Called for every log entry before it is published; `key` is the JSON text of its key. */
  note(table: string, id: bigint, key: string): void {
    const ofTable = this.#open.get(table);
    if (ofTable) for (const window of ofTable) window.note(id, key);
  }
}
