import { exclusionFaults } from './exclusions';
import type { SyncFile, TableEntry } from './schema';

export interface Contradiction {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Faults that no single value shows: entries that collide or say two things at once. */
export function contradictions(file: SyncFile): Contradiction[] {
  const seen = new Set<string>();
  const collisions = file.tables.flatMap((entry, at) => {
    const faults = entryFaults(entry).map(({ path, message }) => ({
      path: ['tables', at, ...path],
      message,
    }));
    if (seen.has(entry.table))
      faults.push({ path: ['tables', at, 'table'], message: `${entry.table} is listed twice` });
    seen.add(entry.table);
    return faults;
  });
  return [...collisions, ...exclusionFaults(file)];
}

function entryFaults({ table, key = [], columns = {}, mongo, redis }: TableEntry): Contradiction[] {
  const faults: Contradiction[] = [];
  const fault = (path: PropertyKey[], message: string) => faults.push({ path, message });
  if (table.includes('*')) {
    if (mongo?.collection)
      fault(['mongo', 'collection'], 'a pattern cannot send several tables into one collection');
    if (redis?.key) fault(['redis', 'key'], 'a pattern cannot give several tables one key layout');
    if (redis?.index) fault(['redis', 'index'], 'a pattern cannot give several tables one index set');
    if (key.length > 0) fault(['key'], 'a pattern cannot set a key: give the table an entry of its own');
  }
  const { exclude = [], rename = {}, mask = {} } = columns;
  for (const column of exclude) {
    if (key.includes(column))
      fault(['columns', 'exclude'], `${column} is a key column and cannot be excluded`);
    if (Object.hasOwn(rename, column))
      fault(['columns', 'rename', column], `${column} is excluded, so it cannot be renamed`);
    if (Object.hasOwn(mask, column))
      fault(['columns', 'mask', column], `${column} is excluded, so it cannot be masked`);
  }
  for (const column of key)
    if (Object.hasOwn(mask, column))
      fault(['columns', 'mask', column], `${column} is a key column and cannot be masked`);
  const targets = new Map<string, string>();
  for (const [column, field] of Object.entries(rename)) {
    const other = targets.get(field);
    if (other) fault(['columns', 'rename', column], `${column} and ${other} are both renamed to ${field}`);
    if (reservedFields.has(field))
      fault(['columns', 'rename', column], `${field} is a name that the targets use themselves`);
    targets.set(field, column);
  }
  return faults;
}

const reservedFields = new Set(['_id', '_sync', '_v']);
