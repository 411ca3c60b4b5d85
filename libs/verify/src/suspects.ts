import type { WireRow } from '@tributary/change-event';
import type { Connection } from '@tributary/capture';
import type { Difference, Finding, TargetEntry, TargetView } from './difference';
import type { Passage, PipelineBarrier } from './pipeline-barrier';
import type { SourceTable } from './source-table';

interface Seen {
  readonly finding: Finding;
  readonly inSource: boolean;
}

export interface Verdicts {
  readonly confirmed: readonly Difference[];
  /** Rows that the source changed at every look. */
  readonly unsettled: number;
}

/** Looks that must agree before a difference is believed: one alone could meet a change and its way back. */
const AGREEING_LOOKS = 2;
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

  /**
   * Re-checks suspects, a portion at a time, and forgets them. A look lets the pipeline pass all that was committed
   * before it, then compares; it counts for a row whose image in the source was the same before and after.
   */
  async *settle(): AsyncGenerator<Verdicts> {
    const entries = [...this.#open.values()];
    this.#open.clear();
    for (let at = 0; at < entries.length; at += PORTION) yield this.#settle(entries.slice(at, at + PORTION));
  }

  async #settle(entries: readonly TargetEntry[]): Promise<Verdicts> {
    const confirmed: Difference[] = [];
    const open = new Map<string, { entry: TargetEntry; key: WireRow; agreeing: number }>();
    for (const entry of entries) {
      const [key] = entry.keys;
      // No row of the table can ever be there, so there is nothing to wait for.
      if (key === undefined) confirmed.push(this.#difference(entry, null, stray(entry)));
      else open.set(this.deps.source.keyJson(key), { entry, key, agreeing: 0 });
    }
    for (let look = 1; open.size > 0 && look <= MOST_LOOKS; look += 1) {
      for (const [keyJson, seen] of await this.#look([...open.values()].map(({ key }) => key))) {
        const suspect = open.get(keyJson)!;
        if (seen === 'changing') suspect.agreeing = 0;
        else if (seen === 'equal') open.delete(keyJson);
        else if (++suspect.agreeing >= AGREEING_LOOKS) {
          confirmed.push(this.#difference(suspect.entry, suspect.key, seen));
          open.delete(keyJson);
        }
      }
    }
    return { confirmed, unsettled: open.size };
  }

  async #look(keys: readonly WireRow[]): Promise<[keyJson: string, seen: Seen | 'equal' | 'changing'][]> {
    const { source, view, barrier, connection } = this.deps;
    const before = await source.find(connection, keys);
    const passage = await barrier.passed(view.target);
    const keyJsons = keys.map((key) => source.keyJson(key));
    const expected = keys.map((key, at) => ({ key, row: before.get(keyJsons[at]!)?.row ?? null }));
    const findings = await view.inspect(expected);
    const after = await source.find(connection, keys);
    return keyJsons.map((keyJson, at) => {
      if (before.get(keyJson)?.image !== after.get(keyJson)?.image) return [keyJson, 'changing'];
      const finding = findings[at];
      return [
        keyJson,
        finding ? { finding: annotated(finding, passage), inSource: before.has(keyJson) } : 'equal',
      ];
    });
  }

  #difference({ id }: TargetEntry, key: WireRow | null, { finding, inSource }: Seen): Difference {
    const { source, view } = this.deps;
    return { table: source.plan.schema.table, target: view.target, key, id, inSource, ...finding };
  }
}

const stray = ({ stray: kind = 'extra' }: TargetEntry): Seen => ({
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
