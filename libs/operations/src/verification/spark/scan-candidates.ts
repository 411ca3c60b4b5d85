import { candidatesSql, type ScanCandidate } from '@tributary/bulk';
import type { WireRow } from '@tributary/contract';
import type { SparkSession, StatementProgress } from '@tributary/spark';
import type { TargetName } from '@tributary/sync-config';
import type { ScannedSide } from '@tributary/verify';

const VIEW = 'tributary_candidates';

type Candidates = Pick<ScannedSide, 'keys' | 'strangers' | 'unchecked'>;

const none: Candidates = { keys: [], strangers: [], unchecked: { keys: 0, strangers: 0 } };

interface Count {
  readonly at: number;
  readonly target: string;
  readonly keys: bigint;
  readonly strangers: bigint;
}

/** The candidates that a scan has found, which Spark keeps until they are fetched table by table. */
export class ScanCandidates {
  #counts: readonly Count[] = [];

  constructor(
    private readonly session: SparkSession,
    private readonly signal: AbortSignal,
    /** Of a table in a target; the others are only counted. */
    private readonly most: number,
  ) {}

  /** Runs the statements that tell entries. */
  async find(
    statements: readonly string[],
    onProgress: (progress: StatementProgress) => void,
  ): Promise<void> {
    const { session, signal } = this;
    // What TRANSFORM gives is not kept: to count and then to fetch would scan everything twice.
    await session.rows(
      `CACHE TABLE ${VIEW} OPTIONS ('storageLevel' 'DISK_ONLY') AS ${candidatesSql(statements)}`,
      { signal, onProgress },
    );
    this.#counts = (await session.rows(
      `SELECT at, target, COUNT(key) AS keys, COUNT(held) AS strangers FROM ${VIEW} GROUP BY at, target`,
      { signal },
    )) as unknown as Count[];
  }

  /** Those of the table at this place, so many as can be looked at. */
  async of(at: number, target: TargetName): Promise<Candidates> {
    const count = this.#counts.find((one) => one.at === at && one.target === target);
    if (!count) return none;
    const keys: WireRow[] = [];
    const strangers: string[][] = [];
    const sql = `SELECT list, key, held FROM ${VIEW} WHERE at = ${at} AND target = '${target}' LIMIT ${this.most}`;
    for await (const rows of this.session.query(sql, { signal: this.signal }))
      for (const { list, key, held } of rows as unknown as readonly ScanCandidate[])
        if (key !== null) keys.push(JSON.parse(key) as WireRow);
        else (strangers[list] ??= []).push(held!);
    const lists = Array.from(strangers, (refs) => refs ?? []);
    return {
      ...{ keys, strangers: lists },
      unchecked: {
        keys: Number(count.keys) - keys.length,
        strangers: Number(count.strangers) - lists.flat().length,
      },
    };
  }

  /** Frees what Spark keeps. */
  async forget(): Promise<void> {
    await this.session.rows(`UNCACHE TABLE IF EXISTS ${VIEW}`).catch(() => undefined);
  }
}
