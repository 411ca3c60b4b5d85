import { RateLimiter } from '@tributary/kernel';
import { SeededRandom } from '@tributary/testing';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { ChangePlan, type StepKind } from './change-plan';
import { runStep } from './change-step';
import { RowMaker } from './generator';
import { openApplication, sampleTables, type SampleTable } from '@tributary/gh-archive';
import { insertMark, type Mark } from './mark';
import { makePools } from './pools';

export interface WorkloadOptions {
  /** The application account's address. */
  readonly url: string;
  /** Row changes to commit, exactly. */
  readonly changes: number;
  readonly seed?: number;
  /** Writers at once, each on a connection and on keys of its own. */
  readonly writers?: number;
  /** Row changes a second over all writers; as fast as it goes when absent. */
  readonly perSecond?: number;
  /** How many of the changes are marked: inserts of fresh users that nothing touches again. */
  readonly marks?: number;
  /** Told right after the commit of each marked change. */
  readonly onMark?: (mark: Mark) => void;
  /** Told after each step with the changes committed so far. */
  readonly onProgress?: (changes: number) => void;
  readonly signal?: AbortSignal;
}

export interface WorkloadResult {
  /** Row changes committed, marks included. */
  readonly changes: number;
  /** Steps done by kind, those without effect (rolled back, no-op) among them. */
  readonly steps: Readonly<Partial<Record<StepKind | 'mark', number>>>;
  readonly seconds: number;
}

/** Keys of each table that the workload changes; more would only cost memory. */
const KEYS = 5_000;
/** Room of new keys for each writer. */
const KEY_ROOM = 10_000_000n;

/**
 * Changes the sample tables as an application would: inserts, updates, deletes, key changes, multi-row statements,
 * transactions with savepoints and rollbacks. What each writer does follows from the seed and the rows that are
 * there; how the writers interleave does not. Ends early, with what was done, when `signal` aborts.
 */
export async function runWorkload(options: WorkloadOptions): Promise<WorkloadResult> {
  const { url, seed = 1, writers = 4 } = options;
  const startedAt = performance.now();
  const pools = makePools(seed);
  const pace = new RateLimiter(options.perSecond || Infinity, { makeUpMs: 1000, shortestMs: 0 });
  const tally: Tally = { changes: 0, steps: {} };
  const connections = await Promise.all(Array.from({ length: writers }, () => openApplication(url)));
  try {
    const [users, repositories] = await Promise.all([
      keysOf(connections[0]!, 'users'),
      keysOf(connections[0]!, 'repositories'),
    ]);
    await Promise.all(
      connections.map((connection, writer) => {
        const maker = new RowMaker(new SeededRandom(seed * 1_000 + writer), pools);
        const planOf = (table: SampleTable, { known, highest }: TableKeys) =>
          new ChangePlan(
            table,
            maker,
            known.filter((_key, at) => at % writers === writer),
            highest + BigInt(writer + 1) * KEY_ROOM,
          );
        const plans = [planOf('users', users), planOf('repositories', repositories)];
        const firstMark = users.highest + 1n + (BigInt(writer) * KEY_ROOM) / BigInt(writers);
        return new Writer(connection, plans, maker.random, firstMark).run(
          { ...options, changes: share(options.changes, writers, writer) },
          share(options.marks ?? 0, writers, writer),
          pace,
          tally,
        );
      }),
    );
  } finally {
    await Promise.all(connections.map((connection) => connection.end()));
  }
  return { ...tally, seconds: (performance.now() - startedAt) / 1000 };
}

interface Tally {
  changes: number;
  readonly steps: Partial<Record<StepKind | 'mark', number>>;
}

interface TableKeys {
  readonly known: readonly string[];
  readonly highest: bigint;
}

class Writer {
  constructor(
    private readonly connection: Connection,
    private readonly plans: readonly ChangePlan[],
    private readonly random: SeededRandom,
    private nextMark: bigint,
  ) {}

  async run(options: WorkloadOptions, marks: number, pace: RateLimiter, tally: Tally): Promise<void> {
    const { changes: quota, onMark, onProgress, signal } = options;
    let marked = 0;
    for (let done = 0; done < quota && !signal?.aborted;) {
      // The n-th mark comes when n parts of the quota are done.
      const isMark = marked < marks && done * marks >= marked * quota;
      const step = isMark ? undefined : this.random.pick(this.plans).next(quota - done);
      if (step) await runStep(this.connection, step);
      else {
        onMark?.(await insertMark(this.connection, String(this.nextMark++)));
        marked += 1;
      }
      const kind = step?.kind ?? 'mark';
      const changes = step?.changes ?? 1;
      tally.steps[kind] = (tally.steps[kind] ?? 0) + 1;
      tally.changes += changes;
      done += changes;
      onProgress?.(tally.changes);
      await pace.did(changes);
    }
  }
}

async function keysOf(connection: Connection, table: SampleTable): Promise<TableKeys> {
  const { name, key } = sampleTables[table];
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT CAST(${key} AS CHAR) AS id FROM ${name} ORDER BY ${key} LIMIT ${KEYS}`,
  );
  const [[top]] = await connection.query<RowDataPacket[]>(
    `SELECT CAST(COALESCE(MAX(${key}), 0) AS CHAR) AS id FROM ${name}`,
  );
  return { known: rows.map((row) => String(row['id'])), highest: BigInt(String(top?.['id'] ?? 0)) };
}

/** One writer's part of a whole, so that the parts add up. */
function share(whole: number, writers: number, writer: number): number {
  return Math.floor(whole / writers) + (writer < whole % writers ? 1 : 0);
}
