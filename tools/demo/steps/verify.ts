import { targetSpecs } from '@tributary/sync-config';
import type { Pipeline } from './pipeline';
import { targetNames, type TargetName } from './targets';
import { tributary, type CommandOptions } from './tributary';

/** What a comparison of one target with the source counted. */
export interface Comparison {
  /** Rows of the source that were compared. */
  readonly rows: number;
  readonly missing: number;
  readonly extra: number;
  readonly different: number;
  /** Rows whose entry in the Redis index set is wrong. */
  readonly index: number;
}

/** What `tributary verify` found. */
export interface Verdict {
  readonly equal: boolean;
  readonly targets: Readonly<Record<TargetName, Comparison>>;
  /** The command's own report. */
  readonly report: string;
}

interface TableReport extends Comparison {
  readonly table: string;
  readonly target: string;
}

/** The name in the report. */
const reportName = (title: TargetName) => targetSpecs.find((target) => target.title === title)!.name;

/** Compares every row of both targets with the source; rejects when that could not be done. */
export async function verifyTargets(pipeline: Pipeline, options?: CommandOptions): Promise<Verdict> {
  const { exitCode, stdout, stderr } = await tributary(pipeline, ['verify', '--json'], options);
  if (exitCode !== 0 && exitCode !== 2)
    throw new Error(`The targets could not be compared with the source: ${(stderr || stdout).trim()}`);
  const { tables } = JSON.parse(stdout) as { tables: TableReport[] };
  const sums = targetNames.map((name) => {
    const reports = tables.filter(({ target }) => target === reportName(name));
    const sum = (count: (report: TableReport) => number) =>
      reports.reduce((total, report) => total + count(report), 0);
    const comparison: Comparison = {
      rows: sum(({ rows }) => rows),
      missing: sum(({ missing }) => missing),
      extra: sum(({ extra }) => extra),
      different: sum(({ different }) => different),
      index: sum(({ index }) => index),
    };
    return [name, comparison] as const;
  });
  return {
    equal: exitCode === 0,
    targets: Object.fromEntries(sums) as Record<TargetName, Comparison>,
    report: stdout,
  };
}
