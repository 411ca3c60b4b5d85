import type { WireRow } from '@tributary/contract';
import type { Connection } from '@tributary/capture';
import { chunked } from '@tributary/kernel';
import type { SourceTable } from '@tributary/snapshot';
import type { Finding, TargetEntry, TargetView } from '@tributary/targets';
import type { Difference } from './difference';
import { recheck, type CheckResult } from './recheck';
import type { DrainResult, PipelineDrain } from './pipeline-drain';

type Different = Pick<Extract<CheckResult, { is: 'different' }>, 'finding' | 'inSource'>;

interface Candidate {
  readonly entry: TargetEntry;
  readonly key: WireRow;
  agreeing: number;
  last: string;
}

export interface Verdicts {
  readonly confirmed: readonly Difference[];
  /** Rows that the source changed at every look. */
  readonly unsettled: number;
}

/**
 * Looks in a row that must find the very same before a difference is believed: one alone could meet a change and its way back. Where
 * the target holds a version, the same version twice shows that nothing was applied in between; where it holds none,
 * a row that comes and goes could be met absent twice.
 */
const AGREEING_LOOKS = { withVersion: 2, without: 3 };
/** A row that changed between all these looks is given up as unsettled. */
const MOST_LOOKS = 12;
/** Candidates that are looked at together: bounds what is read of them at once (R13). */
const PORTION = 1_000;

/** Collects what is not proven equal at the first look in one target of one table, and finds out what of it is wrong. */
export class Candidates {
  readonly #open = new Map<string, TargetEntry>();

  constructor(
    private readonly deps: {
      readonly source: SourceTable;
      readonly view: TargetView;
      readonly drain: Pick<PipelineDrain, 'wait'>;
      readonly connection: Connection;
    },
  ) {}

  get size(): number {
    return this.#open.size;
  }

  add(entry: TargetEntry): void {
    this.#open.set(entry.identity, entry);
  }

  /** Re-checks candidates, a portion at a time, and forgets them. */
  async *settle(): AsyncGenerator<Verdicts> {
    const entries = [...this.#open.values()];
    this.#open.clear();
    for (const portion of chunked(entries, PORTION)) yield this.#settle(portion);
  }

  async #settle(entries: readonly TargetEntry[]): Promise<Verdicts> {
    const confirmed: Difference[] = [];
    let open: Candidate[] = [];
    for (const entry of entries) {
      const [key] = entry.keys;
      // No row of the table can ever be there, so there is nothing to wait for.
      if (key === undefined) confirmed.push(this.#difference(entry, null, orphan(entry)));
      else open.push({ entry, key, agreeing: 0, last: '' });
    }
    for (let looks = 1; open.length > 0 && looks <= MOST_LOOKS; looks += 1) {
      const { drained, seen } = await recheck(
        this.deps,
        open.map(({ key }) => key),
      );
      if (!drained.passed && drained.ended) break;
      open = open.filter((candidate, at) => {
        const now = seen[at]!;
        if (now.is === 'equal') return false;
        if (now.is === 'changing') {
          candidate.last = '';
          return true;
        }
        if (!agrees(candidate, now)) return true;
        const different = { ...now, finding: annotated(now.finding, drained) };
        confirmed.push(this.#difference(candidate.entry, candidate.key, different));
        return false;
      });
    }
    return { confirmed, unsettled: open.length };
  }

  #difference({ id }: TargetEntry, key: WireRow | null, { finding, inSource }: Different): Difference {
    const { source, view } = this.deps;
    return { table: source.plan.schema.table, target: view.target, key, id, inSource, ...finding };
  }
}

/** Notes what a look has found; true when enough of them in a row have found the same. */
function agrees(candidate: Candidate, { finding, inSource }: Different): boolean {
  const found = JSON.stringify([inSource, finding]);
  candidate.agreeing = found === candidate.last ? candidate.agreeing + 1 : 1;
  candidate.last = found;
  return candidate.agreeing >= AGREEING_LOOKS[finding.version ? 'withVersion' : 'without'];
}

const orphan = ({ orphan: kind = 'extra' }: TargetEntry): Different => ({
  finding: { kind, columns: [] },
  inSource: false,
});

/** A finding with one more remark. */
export const remarked = <F extends Finding>(finding: F, remark: string): F => ({
  ...finding,
  note: [finding.note, remark].filter(Boolean).join('; '),
});

const annotated = (finding: Finding, drained: DrainResult) =>
  drained.passed ? finding : remarked(finding, `not explained by lag for certain: ${drained.why}`);
