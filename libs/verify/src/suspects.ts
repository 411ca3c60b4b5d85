import type { WireRow } from '@tributary/contract';
import type { Connection } from '@tributary/capture';
import { chunked } from '@tributary/kernel';
import type { Finding, TargetEntry, TargetView } from '@tributary/targets';
import type { Difference } from './difference';
import { look, type Seen } from './look';
import type { Passage, PipelineBarrier } from './pipeline-barrier';
import type { SourceTable } from './source-table';

type Different = Pick<Extract<Seen, { is: 'different' }>, 'finding' | 'inSource'>;

interface Suspect {
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
/** Suspects that are looked at together: bounds what is read of them at once (R13). */
const PORTION = 1_000;

/** Collects what is not proven equal at the first look in one target of one table, and finds out what of it is wrong. */
export class Suspects {
  readonly #open = new Map<string, TargetEntry>();

  constructor(
    private readonly deps: {
      readonly source: SourceTable;
      readonly view: TargetView;
      readonly barrier: Pick<PipelineBarrier, 'passed'>;
      readonly connection: Connection;
    },
  ) {}

  get size(): number {
    return this.#open.size;
  }

  add(entry: TargetEntry): void {
    this.#open.set(entry.identity, entry);
  }

  /** Re-checks suspects, a portion at a time, and forgets them. */
  async *settle(): AsyncGenerator<Verdicts> {
    const entries = [...this.#open.values()];
    this.#open.clear();
    for (const portion of chunked(entries, PORTION)) yield this.#settle(portion);
  }

  async #settle(entries: readonly TargetEntry[]): Promise<Verdicts> {
    const confirmed: Difference[] = [];
    let open: Suspect[] = [];
    for (const entry of entries) {
      const [key] = entry.keys;
      // No row of the table can ever be there, so there is nothing to wait for.
      if (key === undefined) confirmed.push(this.#difference(entry, null, stray(entry)));
      else open.push({ entry, key, agreeing: 0, last: '' });
    }
    for (let looks = 1; open.length > 0 && looks <= MOST_LOOKS; looks += 1) {
      const { passage, seen } = await look(
        this.deps,
        open.map(({ key }) => key),
      );
      if (!passage.passed && passage.ended) break;
      open = open.filter((suspect, at) => {
        const now = seen[at]!;
        if (now.is === 'equal') return false;
        if (now.is === 'changing') {
          suspect.last = '';
          return true;
        }
        if (!agrees(suspect, now)) return true;
        const different = { ...now, finding: annotated(now.finding, passage) };
        confirmed.push(this.#difference(suspect.entry, suspect.key, different));
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
function agrees(suspect: Suspect, { finding, inSource }: Different): boolean {
  const found = JSON.stringify([inSource, finding]);
  suspect.agreeing = found === suspect.last ? suspect.agreeing + 1 : 1;
  suspect.last = found;
  return suspect.agreeing >= AGREEING_LOOKS[finding.version ? 'withVersion' : 'without'];
}

const stray = ({ stray: kind = 'extra' }: TargetEntry): Different => ({
  finding: { kind, columns: [] },
  inSource: false,
});

/** A finding with one more remark. */
export const remarked = <F extends Finding>(finding: F, remark: string): F => ({
  ...finding,
  note: [finding.note, remark].filter(Boolean).join('; '),
});

const annotated = (finding: Finding, passage: Passage) =>
  passage.passed ? finding : remarked(finding, `not explained by lag for certain: ${passage.why}`);
