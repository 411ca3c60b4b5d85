import type { Connection } from '@tributary/capture';
import { chunked } from '@tributary/kernel';
import type { SourceRow } from '@tributary/snapshot';
import { targetSettings } from '@tributary/sync-config';
import type { EntryList, TargetEntry, TargetView } from '@tributary/targets';
import type { Difference } from './difference';
import { KeyDigest } from './key-digest';
import type { KnownVersions } from './known-versions';
import type { ScannedSide } from './scanned-side';
import { Candidates } from './candidates';
import type { TableReport, TableVerification } from './table-verification';

/** Entries that are looked up in the source together. */
const LOOKED_UP = 1_000;
/** Entries of the target that a sample takes at most: with 10,000 equal ones, at most 0.03 % are not. */
const MOST_SAMPLED = 10_000;

/** One target's side of the comparison of one table. */
export class TargetComparison {
  readonly #report: TableReport;
  readonly #candidates: Candidates;
  readonly #started = performance.now();
  #scanSeconds = 0;
  /** The names that the source's rows have in each of the target's lists. */
  readonly #expected: readonly { readonly list: EntryList; readonly names: KeyDigest }[];

  constructor(
    private readonly run: TableVerification,
    private readonly view: TargetView,
    private readonly known: KnownVersions,
    private readonly connection: Connection,
  ) {
    this.#candidates = new Candidates({ ...run, view, connection });
    this.#expected = view.lists.map((list) => ({ list, names: new KeyDigest() }));
    this.#report = {
      ...{ table: run.source.plan.schema.table, target: view.target, rows: 0, equal: 0 },
      ...{ missing: 0, extra: 0, different: 0, stale: 0, index: 0, unsettled: 0 },
      ...{ repaired: 0, notRepaired: 0, seconds: 0 },
      ...(this.#shared && { shared: true }),
    };
  }

  /** Source to target: is every row there, and equal? */
  async rows(rows: readonly SourceRow[]): Promise<void> {
    this.#report.rows += rows.length;
    this.#report.equal += rows.length;
    const looking = this.view.candidates(rows);
    if (!this.run.sample)
      for (const { list, names } of this.#expected)
        for (const { row } of list.named ? rows : []) {
          const name = list.nameOf(row);
          if (name !== undefined) names.add(name);
        }
    for (const { key } of await looking) this.#candidates.add(this.view.entryOf(key));
  }

  /** Target to source: does every entry stand for a row? What differs in a row was found on the way there. */
  async entries(): Promise<void> {
    const { sample } = this.run;
    if (this.#shared) return this.settle();
    if (sample) await this.#sampleEntries(sample.entries);
    else for (const { list, names } of this.#expected) await this.#compareList(list, names);
    await this.settle();
  }

  /** In place of `rows` and `entries`: looks at what a scan elsewhere has found. */
  async scanned({ rows, seconds, keys, strangers, unchecked }: ScannedSide): Promise<void> {
    this.#scanSeconds = seconds;
    const left = unchecked.keys + (this.#shared ? 0 : unchecked.strangers);
    this.#report.rows += rows;
    this.#report.equal += rows - unchecked.keys;
    if (left > 0) this.#report.unchecked = left;
    for (const key of keys) this.#candidates.add(this.view.entryOf(key));
    await this.settle();
    if (this.#shared) return;
    for (const [list, refs] of strangers.entries())
      for (const some of chunked(refs, LOOKED_UP)) {
        if (this.run.signal?.aborted) return;
        const entries = some.map((ref) => this.view.scanned!(list, ref));
        await this.#suspectStrangers(await this.view.lists[list]!.unseen(entries));
      }
    await this.settle();
  }

  /** Re-checks the candidates when there are at least so many. */
  async settle(atLeast = 1): Promise<void> {
    if (this.#candidates.size < atLeast) return;
    for await (const { confirmed, unsettled } of this.#candidates.settle()) {
      this.#report.unsettled += unsettled;
      const ours = this.#shared ? confirmed.filter(({ inSource }) => inSource) : confirmed;
      const differences = await this.known.explain(ours, this.view);
      for (const difference of differences) this.#count(difference);
      await this.#mend(differences);
    }
  }

  /** Other pipelines write to the same place: a row that this source lacks may be one of theirs. */
  get #shared(): boolean {
    return targetSettings(this.run.source.plan.settings, this.view.target).shared;
  }

  end(): TableReport {
    this.#report.seconds = this.#scanSeconds + (performance.now() - this.#started) / 1000;
    return this.#report;
  }

  /** Lists names first; only where their digest differs from the source's does an entry get a closer look. */
  async #compareList(list: EntryList, expected: KeyDigest): Promise<void> {
    let differs: ((name: string) => boolean) | undefined = () => true;
    if (list.named) {
      const held = new KeyDigest();
      for await (const entries of list.entries()) {
        if (this.run.signal?.aborted) return;
        for (const { name } of entries) held.add(name);
      }
      differs = expected.differences(held);
    }
    if (!differs) return;
    let some: TargetEntry[] = [];
    for await (const entries of list.entries()) {
      if (this.run.signal?.aborted) return;
      for (const { name, entry } of entries) if (differs(name)) some.push(entry());
      if (some.length < LOOKED_UP) continue;
      await this.#suspectStrangers(await list.unseen(some));
      some = [];
    }
    await this.#suspectStrangers(await list.unseen(some));
  }

  async #sampleEntries(wanted: number): Promise<void> {
    for (let left = Math.min(wanted, MOST_SAMPLED); left > 0; left -= LOOKED_UP)
      await this.#suspectStrangers(await this.view.sample(Math.min(left, LOOKED_UP)));
  }

  async #suspectStrangers(entries: readonly TargetEntry[]): Promise<void> {
    const keys = entries.flatMap((entry) => entry.keys);
    const inSource = await this.run.source.keysFor(this.connection, keys);
    const known = new Set(inSource.map((key) => this.view.entryOf(key).identity));
    for (const entry of entries) if (!known.has(entry.identity)) this.#candidates.add(entry);
    await this.settle(LOOKED_UP);
  }

  async #mend(differences: readonly Difference[]): Promise<void> {
    const outcomes = differences.length > 0 ? await this.run.repair?.(differences, this.view) : undefined;
    for (const [at, difference] of differences.entries()) {
      const repair = outcomes?.[at];
      this.run.onDifference?.({ ...difference, ...(repair && { repair }) });
      if (repair?.result === 'repaired') this.#report.repaired += 1;
      else if (repair && repair.result !== 'planned') this.#report.notRepaired += 1;
    }
  }

  #count({ kind, inSource }: Difference): void {
    this.#report[kind] += 1;
    if (inSource) this.#report.equal -= 1;
  }
}
