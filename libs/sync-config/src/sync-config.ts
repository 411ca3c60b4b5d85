import { topicNames, type MaskKind, type TopicNames } from '@tributary/contract';
import { mergedColumns, type ColumnSettings } from './column-settings';
import { namePattern } from '@tributary/kernel';
import { sectionOf, type Compression, type SyncFile, type TableEntry, type TableLabelling } from './schema';
import type { TargetSections } from './targets';
import type { TargetSpec } from './targets/target-spec';

/** All that the sync file says of one table, with defaults filled in. */
export interface TableSettings extends TargetSections {
  /** `database.table`. */
  readonly table: string;
  readonly database: string;
  readonly name: string;
  /** Key columns by their MySQL names, when the file sets them. */
  readonly key?: readonly string[];
  readonly exclude: readonly string[];
  readonly rename: Readonly<Record<string, string>>;
  readonly mask: Readonly<Record<string, MaskKind>>;
  readonly where: string | null;
  /** Whether before images are captured; a delete without one still has its key columns. */
  readonly before: boolean;
  readonly dto?: string;
}

const SETTINGS_CACHED = 10_000;

/** A checked sync file: answers what happens with a table without asking any server. */
export class SyncConfig {
  readonly topics: TopicNames;
  readonly prefix: string;
  readonly partitions: number;
  /** How batches on the topics are written. */
  readonly compression: Compression;
  /** The database on the source that holds the change log. */
  readonly captureSchema: string;
  /** How long one chunk of a load should take, milliseconds: its rows are steered to it. */
  readonly chunkMs: number;
  /** Which tables have a label of their own in metrics. */
  readonly tableLabels: TableLabelling;
  /** How often a canary is sent through the pipeline, seconds; `null`: never. */
  readonly canarySeconds: number | null;
  /** The `database.table` names and patterns of the entries that take tables in, in file order. */
  readonly tablePatterns: readonly string[];
  /** Those of the entries that leave tables out. */
  readonly excludedPatterns: readonly string[];
  /** The names under `dto:`, each once. */
  readonly dtoNames: readonly string[];
  readonly #file: SyncFile;
  readonly #matchers: readonly { matches: (table: string) => boolean; entry: TableEntry }[];
  readonly #settings = new Map<string, TableSettings | undefined>();

  constructor(
    file: SyncFile,
    /** First 12 hex digits of the SHA-256 of the file. */
    readonly hash: string,
    /** Those that rows can be sent to, whether any table is or not. */
    readonly targets: readonly TargetSpec[],
  ) {
    this.#file = file;
    this.prefix = file.topics?.prefix ?? 'tributary';
    this.partitions = file.topics?.partitions ?? 12;
    this.compression = file.topics?.compression ?? 'lz4';
    this.topics = topicNames(this.prefix);
    this.captureSchema = file.capture?.schema ?? 'tributary';
    this.chunkMs = file.snapshot?.chunkMs ?? 300;
    this.tableLabels = file.metrics?.tables ?? 'all';
    this.canarySeconds = file.metrics?.canarySeconds ?? null;
    this.tablePatterns = file.tables.filter(({ exclude }) => !exclude).map(({ table }) => table);
    this.excludedPatterns = file.tables.filter(({ exclude }) => exclude).map(({ table }) => table);
    this.dtoNames = [...new Set(file.tables.flatMap(({ dto }) => dto ?? []))];
    // Patterns first and the exact entry last, so that what is said of one table wins over what is said of many.
    const exactLast = [...file.tables].sort(
      (a, b) => Number(b.table.includes('*')) - Number(a.table.includes('*')),
    );
    this.#matchers = exactLast.map((entry) => {
      const pattern = namePattern(entry.table);
      return { entry, matches: (table) => pattern.test(table) };
    });
  }

  /** What one entry says of columns, without the others that match the same tables. */
  columnsOf(tablePattern: string): ColumnSettings {
    return mergedColumns(this.#file.tables.filter(({ table }) => table === tablePattern));
  }

  /** The settings of `database.table`; `undefined` when no entry matches it, or when one leaves it out. */
  table(table: string): TableSettings | undefined {
    if (!this.#settings.has(table)) {
      // Names come from messages too, and a topic can be fed any number of them (R13).
      if (this.#settings.size >= SETTINGS_CACHED) this.#settings.clear();
      this.#settings.set(table, this.#resolve(table));
    }
    return this.#settings.get(table);
  }

  /** Whether an entry leaves out a table that others would take in. */
  isExcluded(table: string): boolean {
    return this.#entries(table).findLast(({ exclude }) => exclude !== undefined)?.exclude === true;
  }

  #entries(table: string): TableEntry[] {
    return this.#matchers.filter(({ matches }) => matches(table)).map(({ entry }) => entry);
  }

  #resolve(table: string): TableSettings | undefined {
    const entries = this.#entries(table);
    if (entries.length === 0 || this.isExcluded(table)) return undefined;
    const dot = table.indexOf('.');
    const [database, name] = [table.slice(0, dot), table.slice(dot + 1)];
    const { defaults } = this.#file;
    const last = <T>(pick: (entry: TableEntry) => T | undefined): T | undefined =>
      entries.map(pick).findLast((value) => value !== undefined);
    const key = last((entry) => entry.key);
    const dto = last((entry) => entry.dto);
    const sections = this.targets.map((target) => {
      const said = (option: string) =>
        last((entry) => sectionOf(entry, target.name)?.[option]) ??
        sectionOf(defaults, target.name)?.[option];
      return [target.name, target.settings(said, { database, name })] as const;
    });
    return {
      table,
      database,
      name,
      ...(key && { key }),
      ...mergedColumns(entries),
      where: last((entry) => entry.where) ?? null,
      before: last((entry) => entry.before) ?? defaults?.before ?? false,
      ...(dto && { dto }),
      ...(Object.fromEntries(sections) as unknown as TargetSections),
    };
  }
}
