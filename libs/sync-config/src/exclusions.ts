import { namePattern } from '@tributary/kernel';
import type { Contradiction } from './contradiction';
import type { SyncFile, TableEntry } from './schema';
import type { TargetSpec } from './targets/target-spec';

/** What else an entry may say; what is left out has no settings. */
const settingsOf = (targets: readonly TargetSpec[]): string[] => [
  ...['key', 'columns', 'where', 'before', 'dto'],
  ...targets.map(({ name }) => name),
];

/** Entries that leave tables out and contradict themselves or others. */
export function exclusionFaults(file: SyncFile, targets: readonly TargetSpec[]): Contradiction[] {
  const settings = settingsOf(targets);
  const excluding = file.tables.filter(({ exclude }) => exclude);
  const faults = file.tables.flatMap((entry, at) =>
    entryFaults(entry, excluding, settings).map(({ path, message }) => ({
      path: ['tables', at, ...path],
      message,
    })),
  );
  if (excluding.length === file.tables.length)
    faults.push({ path: ['tables'], message: 'every entry is excluded, so no table is left' });
  return faults;
}

function entryFaults(
  entry: TableEntry,
  excluding: readonly TableEntry[],
  settings: readonly string[],
): Contradiction[] {
  if (entry.exclude)
    return settings
      .filter((name) => entry[name as keyof TableEntry] !== undefined)
      .map((name) => ({
        path: [name],
        message: `${entry.table} is excluded, so ${name} means nothing: take one of the two out`,
      }));
  if (entry.exclude === false || entry.table.includes('*')) return [];
  const by = excluding.find(({ table }) => namePattern(table).test(entry.table));
  return by
    ? [
        {
          path: ['table'],
          message: `${entry.table} is excluded by ${by.table}: take this entry out, or say exclude: false in it`,
        },
      ]
    : [];
}
