import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '@tributary/capture';
import { cpuSeconds } from '../usage';
import { CAPTURE_SCHEMA, install, makeTables, uninstall } from './capture';
import { openApplication, type Source } from './server';
import { benchTables, type BenchTable } from './tables';

export const modes = ['none', 'triggers', 'relay'] as const;
export type Mode = (typeof modes)[number];

export interface PairOptions {
  readonly rows: number;
  readonly connections: number;
  readonly seconds: number;
  readonly rounds: number;
  readonly modes: readonly Mode[];
}

/** What the server did while the connections wrote as fast as they could. */
export interface PairResult {
  readonly changes: number;
  readonly changesPerSecond: number;
  /** Processor time of the whole server process for one change. */
  readonly cpuMicros: number;
}

/** Sums over all rounds, by workload and mode. */
export type PairResults = Record<string, Partial<Record<Mode, PairResult>>>;

interface Workload {
  readonly name: string;
  readonly table: BenchTable;
  /** Rows of one statement. */
  readonly size: number;
}

const workloads: readonly Workload[] = benchTables.flatMap((table) =>
  [1, 20].map((size) => ({
    name: `${table.name}, ${size === 1 ? 'one row' : `${size} rows`} a statement`,
    table,
    size,
  })),
);

/** Runs a relay beside the work, and ends it. */
export type BesideRelay = (work: () => Promise<void>) => Promise<void>;

/** All modes in turn, so that what else the machine does meets each of them. */
export async function measurePairs(
  source: Source,
  options: PairOptions,
  besideRelay: BesideRelay,
  say: (line: string) => void,
): Promise<PairResults> {
  const sums: Record<string, Partial<Record<Mode, { changes: number; seconds: number; cpu: number }>>> = {};
  for (let round = 0; round < options.rounds; round += 1)
    for (const mode of options.modes) {
      await makeTables(source);
      await fill(source, options.rows);
      if (mode !== 'none') await install(source);
      const work = async () => {
        for (const workload of workloads) {
          const ran = await run(source, workload, options);
          const sum = ((sums[workload.name] ??= {})[mode] ??= { changes: 0, seconds: 0, cpu: 0 });
          for (const key of ['changes', 'seconds', 'cpu'] as const) sum[key] += ran[key];
          say(`  ${mode}, ${workload.name}: ${((ran.cpu * 1e6) / ran.changes).toFixed(1)} us a change`);
        }
      };
      await (mode === 'relay' ? besideRelay(work) : work());
      if (mode !== 'none') await uninstall(source);
    }
  return Object.fromEntries(
    Object.entries(sums).map(([name, ofModes]) => [
      name,
      Object.fromEntries(
        Object.entries(ofModes).map(([mode, { changes, seconds, cpu }]) => [
          mode,
          { changes, changesPerSecond: changes / seconds, cpuMicros: (cpu * 1e6) / changes },
        ]),
      ),
    ]),
  );
}

async function fill(source: Source, rows: number): Promise<void> {
  const connection = await openApplication(source);
  for (const { name, row } of benchTables) {
    for (let from = 1; from <= rows; from += 1000) {
      const ids = Array.from({ length: Math.min(1000, rows - from + 1) }, (_, at) => from + at);
      await connection.query(`INSERT INTO ${name} VALUES ${ids.map(row).join(', ')}`);
    }
    // Without it MySQL takes the table for empty until it next counts, and scans it for 20 ids.
    await connection.query(`ANALYZE TABLE ${name}`);
  }
  await connection.end();
}

async function run(source: Source, workload: Workload, { rows, connections, seconds }: PairOptions) {
  const opened = await Promise.all(Array.from({ length: connections }, () => openApplication(source)));
  const [cpu, startedAt] = [cpuSeconds(source.pid), performance.now()];
  const until = startedAt + seconds * 1000;
  const done = await Promise.all(
    opened.map(async (connection, nth) => {
      let changes = 0;
      while (performance.now() < until)
        changes += await attempt(connection, workload, ownIds(nth, connections, rows, workload.size));
      return changes;
    }),
  );
  const result = {
    changes: done.reduce((sum, changes) => sum + changes, 0),
    seconds: (performance.now() - startedAt) / 1000,
    cpu: cpuSeconds(source.pid) - cpu,
  };
  await Promise.all(opened.map((connection) => connection.end()));
  return result;
}

/** Ids that no other connection writes to, hence no waits for locks. */
function ownIds(nth: number, connections: number, rows: number, size: number): () => number[] {
  const own = Math.floor(rows / connections);
  return () => {
    const first = nth * own + 1 + Math.floor(Math.random() * (own - size));
    return Array.from({ length: size }, (_, at) => first + at);
  };
}

/** ER_LOCK_DEADLOCK */
const DEADLOCK = 1213;

/** Changes committed; none of a transaction that met a deadlock in an index, which sysbench passes over too. */
async function attempt(connection: Connection, workload: Workload, pick: () => number[]): Promise<number> {
  try {
    return await transaction(connection, workload, pick);
  } catch (error) {
    if ((error as { errno?: number }).errno !== DEADLOCK) throw error;
    return 0;
  }
}

/** As sysbench's oltp_write_only: two updates, a delete, an insert of what it removed. */
async function transaction(
  connection: Connection,
  { table: { name, row, updates }, size }: Workload,
  pick: () => number[],
): Promise<number> {
  await connection.query('BEGIN');
  for (const update of updates)
    await connection.query(`UPDATE ${name} SET ${update} WHERE id IN (${pick().join(', ')})`);
  const ids = pick();
  await connection.query(`DELETE FROM ${name} WHERE id IN (${ids.join(', ')})`);
  await connection.query(`INSERT INTO ${name} VALUES ${ids.map(row).join(', ')}`);
  await connection.query('COMMIT');
  return 4 * size;
}

/** Until a relay has taken everything out of the log, and its loads are done. */
export async function untilQuiet(source: Source): Promise<void> {
  const connection = await openApplication(source);
  const left = async () => {
    const [[row]] = (await connection.query(
      `SELECT (SELECT COUNT(*) FROM ${CAPTURE_SCHEMA}.change_log) +
         (SELECT COUNT(*) FROM ${CAPTURE_SCHEMA}.snapshot_job WHERE state <> 'done') +
         IF((SELECT COUNT(*) FROM ${CAPTURE_SCHEMA}.snapshot_job) = 0, 1, 0) AS n`,
    )) as unknown as [[{ n: number }]];
    return Number(row.n);
  };
  while ((await left()) > 0) await sleep(200);
  await connection.end();
}
