import type { WireRow } from '@tributary/contract';
import type { Connection } from '@tributary/capture';
import { portions, type RowDigest, type SourceTable } from '@tributary/snapshot';
import type { Finding, TargetView } from '@tributary/targets';
import type { DrainResult, PipelineDrain } from './pipeline-drain';

/** What a look found out about one row. */
export type CheckResult =
  /** The source had another state of the row before, during and after it. */
  | { readonly is: 'changing' }
  | { readonly is: 'equal' }
  | { readonly is: 'different'; readonly finding: Finding; readonly inSource: boolean };

/**
 * Looks at rows of one table in one target: lets the pipeline pass all that was committed before, then compares. It
 * counts for a row whose image in the source was the same before, while and after the target was read. What is held of the
 * rows meanwhile is their digests. Nothing is seen when the wait for the pipeline was ended.
 */
export async function recheck(
  deps: {
    readonly source: SourceTable;
    readonly view: TargetView;
    readonly drain: Pick<PipelineDrain, 'wait'>;
    readonly connection: Connection;
  },
  keys: readonly WireRow[],
): Promise<{ readonly drained: DrainResult; readonly seen: CheckResult[] }> {
  const { source, view, drain, connection } = deps;
  const names = keys.map((key) => source.keyJson(key));
  const before = await source.digests(connection, keys);
  const drained = await drain.wait(view.target);
  const seen: CheckResult[] = [];
  if (!drained.passed && drained.ended) return { drained, seen };
  for (const size of portions(names.map((name) => before.get(name)?.bytes ?? 0))) {
    const from = seen.length;
    const some = keys.slice(from, from + size);
    const rows = await source.find(connection, some);
    const expected = some.map((key, at) => ({ key, row: rows.get(names[from + at]!)?.row ?? null }));
    const findings = await view.inspect(expected);
    const after = await source.digests(connection, some);
    const digest = (of: ReadonlyMap<string, Pick<RowDigest, 'digest'>>, at: number) =>
      of.get(names[from + at]!)?.digest;
    for (const [at, finding] of findings.entries()) {
      const [one, two, three] = [digest(before, at), digest(rows, at), digest(after, at)];
      if (one !== two || two !== three) seen.push({ is: 'changing' });
      else if (!finding) seen.push({ is: 'equal' });
      else seen.push({ is: 'different', finding, inSource: one !== undefined });
    }
  }
  return { drained, seen };
}
