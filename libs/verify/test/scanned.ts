import type { WireRow } from '@tributary/contract';
import type { SourceTable } from '@tributary/snapshot';
import type { TargetName } from '@tributary/sync-config';
import type { ScanEntry, TargetPlugin, TargetScan } from '@tributary/targets';
import type { ScannedSide } from '../src';

export interface Scan {
  readonly plugin: Pick<TargetPlugin, 'name' | 'scan'>;
  readonly scan: TargetScan;
}

interface Sides {
  readonly source: Set<string>;
  readonly target: Set<string>;
  readonly keys: Set<string>;
  ref?: string;
}

/** What a scan of a table and its targets candidates: as Spark finds it, in this process. `parts` are made with the keys at every `step`. */
export async function scanned(
  source: SourceTable,
  scans: readonly Scan[],
  step = 7,
): Promise<Map<TargetName, ScannedSide>> {
  const found = new Map<TargetName, ScannedSide>();
  for (const { plugin, scan } of scans) {
    const rules = plugin.scan!;
    const expected = rules.expected(source.plan);
    const lists: Map<string, Sides>[] = [];
    const sides = ({ list, name }: Pick<ScanEntry, 'list' | 'name'>): Sides => {
      const names = (lists[list] ??= new Map());
      let both = names.get(name);
      if (!both) names.set(name, (both = { source: new Set(), target: new Set(), keys: new Set() }));
      return both;
    };
    let rows = 0;
    const bounds: WireRow[] = [];
    for await (const chunk of source.chunks())
      for await (const some of chunk)
        for (const row of some) {
          if (rows % step === step - 1) bounds.push(row.key);
          rows += 1;
          for (const entry of expected(row)) {
            const both = sides(entry);
            both.source.add(entry.digest.toString('hex'));
            both.keys.add(row.keyJson);
          }
        }
    for (const part of rules.parts(source.plan, bounds))
      for await (const entries of scan.entries(part))
        for (const entry of entries) {
          const both = sides(entry);
          both.target.add(entry.digest.toString('hex'));
          both.ref = entry.ref();
        }
    const keys = new Set<string>();
    const strangers = Array.from(lists, (names) =>
      [...(names ?? new Map<string, Sides>()).values()].flatMap((both) => {
        if (textOf(both.source) === textOf(both.target)) return [];
        for (const key of both.keys) keys.add(key);
        return both.keys.size === 0 ? [both.ref!] : [];
      }),
    );
    found.set(plugin.name, {
      ...{ rows, seconds: 0, strangers, unchecked: { keys: 0, strangers: 0 } },
      keys: [...keys].map((key) => JSON.parse(key) as WireRow),
    });
  }
  return found;
}

const textOf = (digests: ReadonlySet<string>) => [...digests].sort().join();
