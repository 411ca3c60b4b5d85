import { scanResultType } from './scan-task';

/** Columns of each list's comparison. */
export interface ListSums {
  readonly at: number;
  readonly target: string;
  readonly list: number;
  /** Entries of the source. */
  readonly expected: bigint;
  /** Buckets in which the sides differ. */
  readonly buckets: readonly number[];
}

/** The lines of statements that give the column `result`, as rows. */
const lines = (statements: readonly string[]) =>
  `SELECT r.* FROM (SELECT from_json(result, '${scanResultType}') AS r FROM (${statements
    .map((statement) => `(${statement})`)
    .join(' UNION ALL ')}))`;

/**
 * What the lists of `sums` results come to: what the source's side has added, the target's takes away again, so that a bucket
 * in which all is equal is left with zeros.
 */
export const sumsSql = (statements: readonly string[]) => `
SELECT at, target, list, CAST(SUM(expected) AS BIGINT) AS expected,
  array_agg(bucket) FILTER (WHERE entries <> 0 OR w0 <> 0 OR w1 <> 0 OR w2 <> 0 OR w3 <> 0) AS buckets
FROM (
  SELECT at, target, list, CAST(s[0] AS INT) AS bucket, SUM(IF(sign = 1, s[1], 0)) AS expected, SUM(sign * s[1]) AS entries,
    SUM(sign * s[2]) AS w0, SUM(sign * s[3]) AS w1, SUM(sign * s[4]) AS w2, SUM(sign * s[5]) AS w3
  FROM (SELECT at, target, list, IF(side = 'source', 1, -1) AS sign, explode(sums) AS s FROM (${lines(statements)}))
  GROUP BY at, target, list, CAST(s[0] AS INT)
)
GROUP BY at, target, list`;

/** Of what the sides do not have with the same digests. */
export interface ScanCandidate {
  readonly at: number;
  readonly target: string;
  readonly list: number;
  /** JSON of the key of a row; NULL: no row accounts for what is held. */
  readonly key: string | null;
  /** By what the target finds it again; NULL where there is a key. */
  readonly held: string | null;
}

/**
 * The names of `entries` results that the sides do not have with the same digests: a full outer join of both, by one pass of
 * grouping. What comes twice from one side, as SCAN may give a key twice, counts once; a row that is a candidate in two lists comes once.
 */
export const candidatesSql = (statements: readonly string[]) => `
SELECT DISTINCT at, target, IF(key IS NULL, list, 0) AS list, key, IF(key IS NULL, held, NULL) AS held
FROM (SELECT at, target, list, explode_outer(keys) AS key, held FROM (
  SELECT at, target, list, collect_set(IF(side = 'source', e[2], NULL)) AS keys, MAX(IF(side = 'target', e[2], NULL)) AS held,
    sort_array(collect_set(IF(side = 'source', e[1], NULL))) AS wanted, sort_array(collect_set(IF(side = 'target', e[1], NULL))) AS had
  FROM (SELECT at, side, target, list, explode(entries) AS e FROM (${lines(statements)}))
  GROUP BY at, target, list, e[0]
) WHERE wanted <> had)`;
