import { topicNames, type MaskKind, type TopicNames } from '@tributary/contract';
import { mergedColumns, type ColumnSettings } from './column-settings';
import { namePattern } from '@tributary/kernel';
import type { Compression, SyncFile, TableEntry } from './schema';

export interface MongoSettings {
  readonly enabled: boolean;
  /** Other pipelines write to the same collection, and say so too: nothing is swept there. */
  readonly shared: boolean;
  readonly database: string;
  readonly collection: string;
  readonly temporal: 'date' | 'string' | 'default';
  /** `scalar`: the key value, or `v1:v2` text; `document`: a sub-document of the key columns. */
  readonly id: 'scalar' | 'document';
  /** What the server does with documents of another shape than the columns'; never anything in a shared collection. */
  readonly validator: 'off' | 'warn' | 'error';
}

interface RedisSettings {
  readonly enabled: boolean;
  /** As for MongoDB, of the index set and the keys. */
  readonly shared: boolean;
  readonly as: 'hash' | 'json' | 'fields';
  /** Key pattern with `{column}` places; `undefined`: `database:table:v1[:v2...]`. */
  readonly key?: string;
  /** Name of the index set, by default `database:table`. */
  readonly index: string;
}

/** All that the sync file says of one table, with defaults filled in. */
export interface TableSettings {
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
  readonly mongo: MongoSettings;
  readonly redis: RedisSettings;
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
  ) {
    this.#file = file;
    this.prefix = file.topics?.prefix ?? 'tributary';
    this.partitions = file.topics?.partitions ?? 12;
    this.compression = file.topics?.compression ?? 'lz4';
    this.topics = topicNames(this.prefix);
    this.captureSchema = file.capture?.schema ?? 'tributary';
    this.chunkMs = file.snapshot?.chunkMs ?? 300;
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
    const redisKey = last((entry) => entry.redis?.key);
    const shared = last((entry) => entry.mongo?.shared) ?? defaults?.mongo?.shared ?? false;
    const validator = last((entry) => entry.mongo?.validator) ?? defaults?.mongo?.validator ?? 'off';
    return {
      table,
      database,
      name,
      ...(key && { key }),
      ...mergedColumns(entries),
      where: last((entry) => entry.where) ?? null,
      before: last((entry) => entry.before) ?? defaults?.before ?? false,
      ...(dto && { dto }),
      mongo: {
        enabled: last((entry) => entry.mongo?.enabled) ?? defaults?.mongo?.enabled ?? true,
        shared,
        database: last((entry) => entry.mongo?.database) ?? database,
        collection: last((entry) => entry.mongo?.collection) ?? name,
        temporal: last((entry) => entry.mongo?.temporal) ?? defaults?.mongo?.temporal ?? 'default',
        id: last((entry) => entry.mongo?.id) ?? defaults?.mongo?.id ?? 'scalar',
        // What other pipelines write there has a shape that is not known here.
        validator: shared ? 'off' : validator,
      },
      redis: {
        enabled: last((entry) => entry.redis?.enabled) ?? defaults?.redis?.enabled ?? true,
        shared: last((entry) => entry.redis?.shared) ?? defaults?.redis?.shared ?? false,
        as: last((entry) => entry.redis?.as) ?? defaults?.redis?.as ?? 'hash',
        ...(redisKey && { key: redisKey }),
        index: last((entry) => entry.redis?.index) ?? `${database}:${name}`,
      },
    };
  }
}
