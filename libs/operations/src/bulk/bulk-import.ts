import {
  differingRow,
  fileResult,
  writeResult,
  type FileReport,
  type FileTask,
  type IdsTask,
} from '@tributary/bulk';
import {
  countRows,
  openApplication,
  sampleTables,
  type SampleTable,
  type TableCounts,
} from '@tributary/gh-archive';
import { fatal } from '@tributary/kernel';
import { readMysqlUrl } from '@tributary/service';
import { transformRows, transformSql, type SparkSession } from '@tributary/spark';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import type { z } from 'zod';
import type { OperationContext } from '../context';
import { openEngine, type Engine, type EngineOptions } from './engine';
import { matchingFiles } from './matching-files';

/** What is being done. */
type ImportPart = 'read' | 'write' | 'check' | 'settle';

export interface BulkImportInput extends EngineOptions {
  /** Files of GH Archive, which every executor can read; the name may have `*`. */
  readonly file: string;
  /** Another account than that of `MYSQL_URL` writes: the one of `APP_MYSQL_URL`. Default: `MYSQL_URL` does. */
  readonly asApplication?: boolean;
  /** Told the part of the work, and how many of its tasks are done. */
  readonly onProgress?: (part: ImportPart, done: number, total: number) => void;
}

/** What the files held, and what of it MySQL holds now. */
export interface BulkImportResult {
  readonly files: readonly FileReport[];
  readonly lines: number;
  readonly brokenLines: number;
  /** Rows that the files name, each once. */
  readonly rows: TableCounts;
  /** Rows of each table before and after. */
  readonly before: TableCounts;
  readonly after: TableCounts;
  /** Rows that the check found missing or different, and that were written again. */
  readonly reinserted: number;
  /** Rows of the files that MySQL lacks at the end: files left anti join MySQL. */
  readonly missing: number;
  /** Rows that are there and not as the files have them: another writer changes them. */
  readonly different: number;
  /** `table id` of the first hundred of both. */
  readonly examples: readonly string[];
}

const EXAMPLES = 100;
const SUSPECT = '(table, id) IN (SELECT table, id FROM suspects)';
const tables = ['users', 'repositories'] as const satisfies readonly SampleTable[];

const RESULT =
  'table STRING, id STRING, no INT, part INT, `row` STRING, file STRING, lines INT, broken INT, brokenAt ARRAY<INT>';

/**
 * Writes files of GH Archive into the sample database by workers of a Spark cluster, and proves that nothing of them is missing.
 * Spark reads and gathers; what it cannot hold in memory it keeps on disk. Upserts alone: it may be run again after any end.
 */
export async function bulkImport(
  context: OperationContext,
  input: BulkImportInput,
): Promise<BulkImportResult> {
  const files = matchingFiles(input.file);
  const url = applicationUrl(input.asApplication ?? false);
  const connection = await openApplication(url);
  try {
    const before = await countRows(connection);
    // Whatever the workers inherit otherwise.
    const engine = await openEngine(context, input, { ...process.env, APP_MYSQL_URL: url });
    try {
      const found = await new Import(context, input, engine, connection).run(files);
      return { ...found, before, after: await countRows(connection) };
    } finally {
      await engine.close();
    }
  } finally {
    connection.destroy();
  }
}

function applicationUrl(asApplication: boolean): string {
  if (!asApplication) return readMysqlUrl();
  const { APP_MYSQL_URL } = process.env;
  if (APP_MYSQL_URL) return readMysqlUrl({ MYSQL_URL: APP_MYSQL_URL });
  throw fatal(
    'ENV',
    'Two accounts are needed: MYSQL_URL is that of the relay, which verifies; set APP_MYSQL_URL to one that writes.',
  );
}

class Import {
  readonly #session: SparkSession;
  readonly #signal: AbortSignal;

  constructor(
    context: OperationContext,
    private readonly input: BulkImportInput,
    private readonly engine: Engine,
    private readonly connection: Connection,
  ) {
    this.#session = engine.session;
    this.#signal = context.signal ?? new AbortController().signal;
  }

  async run(files: readonly string[]): Promise<Omit<BulkImportResult, 'before' | 'after'>> {
    // A process for each part: no more of them than run at a time.
    await this.#session.setConf({ 'spark.sql.shuffle.partitions': String(this.engine.slots) });
    const reports = await this.#read(files);
    await this.#write('write', 'TRUE');
    const suspects = await this.#suspects();
    if (suspects > 0) await this.#write('settle', SUSPECT);
    const different = suspects > 0 ? await this.#different() : { count: 0, examples: [] };
    const missing = await this.#missing();
    return {
      files: reports,
      lines: sum(reports.map(({ lines }) => lines)),
      brokenLines: sum(reports.map(({ broken }) => broken)),
      rows: await this.#counts(),
      reinserted: suspects,
      missing,
      different: Math.max(0, different.count - missing),
      examples: different.examples,
    };
  }

  /** The parts of rows, as each file has them, kept on the disks of the cluster. */
  async #read(files: readonly string[]): Promise<FileReport[]> {
    const tasks: FileTask[] = files.map((file, no) => ({ no, file }));
    const raw = transformSql(
      this.engine.worker('read-file'),
      tasks.map((task) => JSON.stringify(task)),
    );
    await this.#run(
      'read',
      `CACHE TABLE parts OPTIONS ('storageLevel' 'DISK_ONLY') AS
       SELECT r.* FROM (SELECT from_json(result, '${RESULT}') AS r FROM (${raw}))`,
    );
    const rows = await this.#session.rows(
      'SELECT file, lines, broken, brokenAt FROM parts WHERE file IS NOT NULL ORDER BY file',
    );
    return rows.map(
      (row) =>
        fileResult.parse({ ...row, brokenAt: [...(row['brokenAt'] as Iterable<number>)] }) as FileReport,
    );
  }

  /** Each row once, with all that the files know of it, the latest last. */
  #rowsWhere(condition: string): string {
    return `SELECT to_json(named_struct('table', table, 'id', id,
        'rows', transform(array_sort(collect_list(struct(no, part, \`row\`))), one -> one.\`row\`))) AS line
      FROM parts WHERE id IS NOT NULL AND ${condition} GROUP BY table, id`;
  }

  async #write(part: ImportPart, condition: string): Promise<number> {
    const results = await this.#results(part, 'write-rows', condition, writeResult);
    return sum(results.map(({ written }) => written));
  }

  /** Keeps those rows that are missing, or not as the files have them; gives how many. */
  async #suspects(): Promise<number> {
    await this.#run(
      'check',
      `CACHE TABLE suspects OPTIONS ('storageLevel' 'DISK_ONLY') AS ${this.#differingSql()}`,
    );
    const [row] = await this.#session.rows('SELECT COUNT(*) AS n FROM suspects');
    return Number(row!['n']);
  }

  #differingSql(): string {
    const sql = transformRows(this.engine.worker('check-rows'), this.#rowsWhere('TRUE'));
    return `SELECT r.* FROM (SELECT from_json(result, 'table STRING, id STRING') AS r FROM (${sql}))`;
  }

  /** Files left anti join MySQL. */
  async #missing(): Promise<number> {
    const tasks: IdsTask[] = (await Promise.all(tables.map((table) => this.#idRanges(table)))).flat();
    const stored = transformSql(
      this.engine.worker('stored-ids'),
      tasks.map((task) => JSON.stringify(task)),
    );
    const [row] = await this.#session.rows(
      `SELECT COUNT(*) AS n FROM (SELECT DISTINCT table, id FROM parts WHERE id IS NOT NULL) f LEFT ANTI JOIN (
         SELECT r.table, explode(r.ids) AS id
         FROM (SELECT from_json(result, 'table STRING, ids ARRAY<STRING>') AS r FROM (${stored}))
       ) s ON f.table = s.table AND f.id = s.id`,
      { signal: this.#signal },
    );
    return Number(row!['n']);
  }

  async #different(): Promise<{ count: number; examples: string[] }> {
    const found = await this.#results('settle', 'check-rows', SUSPECT, differingRow);
    return {
      count: found.length,
      examples: found.slice(0, EXAMPLES).map(({ table, id }) => `${table} ${id}`),
    };
  }

  async #counts(): Promise<TableCounts> {
    const rows = await this.#session.rows(
      'SELECT table, COUNT(DISTINCT id) AS n FROM parts WHERE id IS NOT NULL GROUP BY table',
    );
    const counts = new Map(rows.map((row) => [String(row['table']), Number(row['n'])]));
    return { users: counts.get('users') ?? 0, repositories: counts.get('repositories') ?? 0 };
  }

  /** Even parts of a table's ids; an empty table has one. */
  async #idRanges(table: SampleTable): Promise<IdsTask[]> {
    const { name, key } = sampleTables[table];
    const [rows] = await this.connection.query<RowDataPacket[]>(
      `SELECT CAST(MIN(${key}) AS CHAR) AS low, CAST(MAX(${key}) AS CHAR) AS high FROM ${name}`,
    );
    const [low, high] = [BigInt(rows[0]!['low'] ?? 0), BigInt(rows[0]!['high'] ?? 0)];
    const parts = BigInt(this.engine.slots);
    const step = (high - low) / parts + 1n;
    return Array.from({ length: this.engine.slots }, (_, part) => low + BigInt(part) * step)
      .filter((from) => from <= high)
      .map((from) => ({
        table,
        from: String(from),
        to: String(from + step - 1n < high ? from + step - 1n : high),
      }));
  }

  async #results<T>(part: ImportPart, mode: string, condition: string, schema: z.ZodType<T>): Promise<T[]> {
    const results: T[] = [];
    const sql = transformRows(this.engine.worker(mode), this.#rowsWhere(condition));
    for await (const rows of this.#session.query(sql, this.#options(part)))
      for (const row of rows) results.push(schema.parse(JSON.parse(String(row['result']))));
    return results;
  }

  async #run(part: ImportPart, sql: string): Promise<void> {
    await this.#session.rows(sql, this.#options(part));
  }

  #options(part: ImportPart) {
    return {
      signal: this.#signal,
      onProgress: ({ done, tasks }: { done: number; tasks: number }) =>
        this.input.onProgress?.(part, done, tasks),
    };
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
