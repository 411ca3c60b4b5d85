import { statSync } from 'node:fs';
import type { Connection } from 'mysql2/promise';
import { readArchive, type ArchiveOptions } from './archive-file';
import { insertRows } from './insert';
import type { RowSet, SampleTable } from './rows';
import { countRows, notStored, type TableCounts } from './stored-rows';

export interface ArchiveLoad {
  /** Lines of the file, broken ones included. */
  readonly lines: number;
  readonly brokenLines: number;
  /** Numbers of the first hundred of them. */
  readonly brokenAt: readonly number[];
  /** Rows of each table before and after. */
  readonly before: TableCounts;
  readonly after: TableCounts;
  /** Rows that the check found missing or different, and that were written again. */
  readonly reinserted: number;
  /** `table id` of rows that are still not held as the file has them: another writer changes them. */
  readonly different: readonly string[];
}

/** What is being done: writing, comparing, or settling what seemed to differ. */
export type ArchivePart = 'write' | 'check' | 'settle';

export interface ArchiveReport {
  /** One sentence for each line that is left out. */
  readonly warn: (message: string) => void;
  /** How far a part is, in bytes of the file. */
  readonly progress: (part: ArchivePart, done: number, total: number) => void;
}

const BROKEN_SHOWN = 100;
/** Rows whose final state is gathered at once; more are done in further passes over the file. */
const SETTLED_AT_ONCE = 20_000;

/**
 * Writes an hour of GH Archive into the sample tables, compares them with the file, and writes again what is missing.
 * Everything is an upsert of the same values, so it can be run again after any crash. Memory does not grow with the
 * file but by the ids (not the rows) that need a second look.
 */
export class ArchiveLoader {
  #lines = 0;
  #broken = 0;
  readonly #brokenAt: number[] = [];

  constructor(
    private readonly connection: Connection,
    private readonly path: string,
    private readonly report: ArchiveReport,
  ) {}

  async run(): Promise<ArchiveLoad> {
    const before = await countRows(this.connection);
    for await (const batch of this.#read('write', { warn: this.#noteBroken }))
      await insertRows(this.connection, batch);
    const { reinserted, different } = await this.#settle([...(await this.#suspects())]);
    return {
      lines: this.#lines,
      brokenLines: this.#broken,
      brokenAt: this.#brokenAt,
      before,
      after: await countRows(this.connection),
      reinserted,
      different,
    };
  }

  /** An id comes again and again, and later objects change it: a batch that differs is only a suspicion. */
  async #suspects(): Promise<Set<string>> {
    const found = new Set<string>();
    for await (const batch of this.#read('check'))
      for (const id of idsOf(await notStored(this.connection, batch))) found.add(id);
    return found;
  }

  /** Compares the final states of these rows, writes again what differs, and looks once more. */
  async #settle(suspects: readonly string[]): Promise<Pick<ArchiveLoad, 'reinserted' | 'different'>> {
    let reinserted = 0;
    const different: string[] = [];
    for (let from = 0; from < suspects.length; from += SETTLED_AT_ONCE) {
      const round = new Set(suspects.slice(from, from + SETTLED_AT_ONCE));
      const only = (table: SampleTable, id: string) => round.has(idText(table, id));
      for await (const final of this.#read('settle', { only, batchRows: Infinity })) {
        const missing = await notStored(this.connection, final);
        if (idsOf(missing).length === 0) continue;
        reinserted += await insertRows(this.connection, missing);
        different.push(...idsOf(await notStored(this.connection, missing)));
      }
    }
    return { reinserted, different };
  }

  #read(part: ArchivePart, options: Partial<ArchiveOptions> = {}): AsyncGenerator<RowSet> {
    const total = statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
    const onProgress = (bytes: number, lines: number) => {
      this.#lines = lines;
      this.report.progress(part, bytes, total);
    };
    return readArchive(this.path, { warn: () => undefined, onProgress, ...options });
  }

  readonly #noteBroken = (message: string, line: number): void => {
    this.#broken += 1;
    if (this.#brokenAt.length < BROKEN_SHOWN) this.#brokenAt.push(line);
    this.report.warn(message);
  };
}

const idText = (table: SampleTable, id: string) => `${table} ${id}`;

const idsOf = ({ users, repositories }: RowSet): string[] => [
  ...users.map(({ user_id }) => idText('users', user_id)),
  ...repositories.map(({ repo_id }) => idText('repositories', repo_id)),
];
