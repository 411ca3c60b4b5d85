import type { Connection } from '@tributary/capture';
import type { Difference, TargetEntry, TargetName, TargetView } from './difference';
import type { PipelineBarrier } from './pipeline-barrier';
import type { SourceRow, SourceTable } from './source-table';
import { Suspects } from './suspects';

/** What was found of one table in one target. */
export interface TableReport {
  readonly table: string;
  readonly target: TargetName;
  /** Rows of the source that were compared. */
  rows: number;
  equal: number;
  missing: number;
  extra: number;
  different: number;
  index: number;
  /** Rows that the source changed at every look, so that nothing can be said of them; counted as equal. */
  unsettled: number;
  /** With repair: differences that are gone now, and those that are still there. */
  repaired: number;
  notRepaired: number;
  seconds: number;
}

export interface TableVerification {
  readonly source: SourceTable;
  readonly views: readonly TargetView[];
  readonly barrier: Pick<PipelineBarrier, 'passed'>;
  /** For look-ups beside the scan. */
  readonly connection: Connection;
  onRows?(rows: number): void;
  onDifference?(difference: Difference): void;
  /** Mends confirmed differences; gives how many are gone. */
  repair?(differences: readonly Difference[], view: TargetView): Promise<number>;
}

/** Suspects that are held before they are re-checked: bounds memory when everything differs (R13). */
const MOST_SUSPECTS = 1_000;

/** Compares one table with its targets in both directions, in bounded memory, beside live changes. */
export async function verifyTable(run: TableVerification): Promise<TableReport[]> {
  const sides = run.views.map((view) => new Side(run, view));
  for await (const rows of run.source.scan()) {
    await Promise.all(sides.map((side) => side.rows(rows)));
    run.onRows?.(rows.length);
  }
  await Promise.all(sides.map((side) => side.entries()));
  return sides.map((side) => side.report);
}

/** One target's side of the comparison. */
class Side {
  readonly report: TableReport;
  readonly #suspects: Suspects;
  readonly #started = performance.now();

  constructor(
    private readonly run: TableVerification,
    private readonly view: TargetView,
  ) {
    this.#suspects = new Suspects({ ...run, view });
    this.report = {
      table: run.source.plan.schema.table,
      target: view.target,
      rows: 0,
      equal: 0,
      missing: 0,
      extra: 0,
      different: 0,
      index: 0,
      unsettled: 0,
      repaired: 0,
      notRepaired: 0,
      seconds: 0,
    };
  }

  /** Source to target: is every row there, and equal? */
  async rows(rows: readonly SourceRow[]): Promise<void> {
    this.report.rows += rows.length;
    this.report.equal += rows.length;
    const findings = await this.view.inspect(rows);
    for (const [at, finding] of findings.entries())
      if (finding) this.#suspects.add(this.view.entryOf(rows[at]!.key), finding);
    if (this.#suspects.size >= MOST_SUSPECTS) await this.#settle();
  }

  /** Target to source: does every entry stand for a row? What differs in a row was found on the way there. */
  async entries(): Promise<void> {
    await this.#settle();
    for await (const entries of this.view.entries()) {
      for (const entry of await this.#strangers(entries))
        this.#suspects.add(entry, { kind: entry.stray ?? 'extra', columns: [] });
      if (this.#suspects.size >= MOST_SUSPECTS) await this.#settle();
    }
    await this.#settle();
    this.report.seconds = (performance.now() - this.#started) / 1000;
  }

  async #strangers(entries: readonly TargetEntry[]): Promise<TargetEntry[]> {
    const keys = entries.flatMap((entry) => entry.keys);
    const inSource = await this.run.source.keysFor(this.run.connection, keys);
    const known = new Set(inSource.map((key) => this.view.entryOf(key).identity));
    return entries.filter(({ identity }) => !known.has(identity));
  }

  async #settle(): Promise<void> {
    if (this.#suspects.size === 0) return;
    const { confirmed, unsettled } = await this.#suspects.settle();
    this.report.unsettled += unsettled;
    for (const difference of confirmed) {
      this.#count(difference);
      this.run.onDifference?.(difference);
    }
    if (!this.run.repair || confirmed.length === 0) return;
    const repaired = await this.run.repair(confirmed, this.view);
    this.report.repaired += repaired;
    this.report.notRepaired += confirmed.length - repaired;
  }

  #count({ kind, inSource }: Difference): void {
    this.report[kind] += 1;
    if (inSource) this.report.equal -= 1;
  }
}
