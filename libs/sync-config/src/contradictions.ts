import { sameColumn } from './column-settings';
import type { Contradiction } from './contradiction';
import { exclusionFaults } from './exclusions';
import { overlap } from '@tributary/kernel';
import { sectionOf, type SyncFile, type TableEntry } from './schema';
import type { TargetSpec } from './targets/target-spec';

/** Faults that no single value shows: entries that collide or say two things at once. */
export function contradictions(file: SyncFile, targets: readonly TargetSpec[]): Contradiction[] {
  const seen = new Set<string>();
  const collisions = file.tables.flatMap((entry, at) => {
    const faults = entryFaults(entry, targets).map(({ path, message }) => ({
      path: ['tables', at, ...path],
      message,
    }));
    if (seen.has(entry.table))
      faults.push({ path: ['tables', at, 'table'], message: `${entry.table} is listed twice` });
    else
      for (const other of file.tables.slice(0, at).filter(({ table }) => overlap(table, entry.table)))
        faults.push(
          ...jointFaults(entry, other).map(({ path, message }) => ({
            path: ['tables', at, ...path],
            message,
          })),
        );
    seen.add(entry.table);
    return faults;
  });
  return [...collisions, ...exclusionFaults(file, targets)];
}

function entryFaults(entry: TableEntry, targets: readonly TargetSpec[]): Contradiction[] {
  const { table, key = [], columns = {} } = entry;
  const isPattern = table.includes('*');
  const faults: Contradiction[] = targets.flatMap((target) =>
    target
      .faults(sectionOf(entry, target.name), { isPattern })
      .map(({ path, message }) => ({ path: [target.name, ...path], message })),
  );
  const fault = (path: PropertyKey[], message: string) => faults.push({ path, message });
  if (isPattern && key.length > 0)
    fault(['key'], 'a pattern cannot set a key: give the table an entry of its own');
  const { exclude = [], rename = {}, mask = {} } = columns;
  for (const column of exclude) {
    if (named(key, column)) fault(['columns', 'exclude'], `${column} is a key column and cannot be excluded`);
    const renamed = named(Object.keys(rename), column);
    if (renamed) fault(['columns', 'rename', renamed], `${renamed} is excluded, so it cannot be renamed`);
    const masked = named(Object.keys(mask), column);
    if (masked) fault(['columns', 'mask', masked], `${masked} is excluded, so it cannot be masked`);
  }
  for (const column of key) {
    const masked = named(Object.keys(mask), column);
    if (masked) fault(['columns', 'mask', masked], `${masked} is a key column and cannot be masked`);
  }
  for (const [member, written] of [
    ['mask', Object.keys(mask)],
    ['rename', Object.keys(rename)],
  ] as const)
    for (const [at, column] of written.entries()) {
      const twice = named(written.slice(0, at), column);
      if (twice) fault(['columns', member, column], `${column} and ${twice} are one column on the server`);
    }
  const columnsByField = new Map<string, string>();
  for (const [column, field] of Object.entries(rename)) {
    const other = columnsByField.get(field);
    if (other) fault(['columns', 'rename', column], `${column} and ${other} are both renamed to ${field}`);
    if (reservedFields.has(field))
      fault(['columns', 'rename', column], `${field} is a name that the targets use themselves`);
    columnsByField.set(field, column);
  }
  return faults;
}

const named = (columns: readonly string[], column: string) =>
  columns.find((other) => sameColumn(other, column));

const reservedFields = new Set(['_id', '_sync', '_v']);

/** What an entry cannot say together with an earlier one of the same tables; hiding needs no word, it adds up. */
function jointFaults(entry: TableEntry, other: TableEntry): Contradiction[] {
  const faults: Contradiction[] = [];
  const by = `by the entry ${other.table}`;
  const excluded = [...(entry.columns?.exclude ?? []), ...(other.columns?.exclude ?? [])];
  const renames = ({ columns }: TableEntry) =>
    Object.entries(columns?.rename ?? {}).filter(
      ([name]) => !excluded.some((hidden) => sameColumn(hidden, name)),
    );
  for (const [column, field] of renames(entry))
    for (const [otherColumn, otherField] of renames(other)) {
      const path = ['columns', 'rename', column];
      if (sameColumn(column, otherColumn) && field !== otherField)
        faults.push({
          path,
          message: `${column} is renamed to ${field} here and to ${otherField} ${by}: keep one`,
        });
      else if (!sameColumn(column, otherColumn) && field === otherField)
        faults.push({
          path,
          message: `${column} is renamed to ${field} here, and ${otherColumn} ${by}: choose another name`,
        });
    }
  return [...faults, ...hiddenKeys(entry, other, 'here'), ...hiddenKeys(other, entry, by)];
}

/** Key columns of `keyed` that `hiding` excludes or masks; the path is the one of the entry that is looked at. */
function hiddenKeys(keyed: TableEntry, hiding: TableEntry, place: string): Contradiction[] {
  const hides: [verb: string, member: 'exclude' | 'mask', columns: readonly string[]][] = [
    ['excluded', 'exclude', hiding.columns?.exclude ?? []],
    ['masked', 'mask', Object.keys(hiding.columns?.mask ?? {})],
  ];
  return hides.flatMap(([verb, member, columns]) =>
    columns
      .filter((column) => keyed.key?.some((name) => sameColumn(name, column)))
      .map((column) =>
        place === 'here'
          ? {
              path: ['key'],
              message: `${column} is ${verb} by the entry ${hiding.table}: choose another key`,
            }
          : {
              path: ['columns', member],
              message: `${column} is ${verb} here, and a key column of ${keyed.table}`,
            },
      ),
  );
}
