import type { ColumnInfo } from './column-type';

/** One column of one unique index. */
export interface UniqueKeyPart {
  readonly table: string;
  readonly index: string;
  readonly column: string;
  readonly prefix: string | null;
  readonly type: string;
}

interface UniqueKey {
  readonly name: string;
  readonly columns: readonly string[];
  readonly usable: boolean;
  readonly bytes: number;
}

/**
 * The columns that name a row: those of the sync file, else the primary key, else the unique key of NOT NULL columns
 * with the fewest columns (then bytes). A string is the reason why there is none.
 */
export function tableKey(
  columns: readonly ColumnInfo[],
  parts: readonly UniqueKeyPart[],
  configured: readonly string[] | undefined,
): readonly string[] | string {
  const byName = new Map(columns.map((column) => [column.name, column]));
  const keys = uniqueKeys(parts, byName);
  if (configured) return configuredKey(configured, byName, keys);
  const primary = keys.find(({ name }) => name === 'PRIMARY');
  if (primary) return primary.columns;
  const [shortest] = keys
    .filter(({ usable }) => usable)
    .sort((a, b) => a.columns.length - b.columns.length || a.bytes - b.bytes || (a.name < b.name ? -1 : 1));
  return (
    shortest?.columns ??
    'has neither a primary key nor a unique key of NOT NULL columns: add one (ALTER TABLE ... ADD PRIMARY KEY), or leave the table out of the sync file'
  );
}

function uniqueKeys(parts: readonly UniqueKeyPart[], columns: ReadonlyMap<string, ColumnInfo>): UniqueKey[] {
  const groups = new Map<string, UniqueKeyPart[]>();
  for (const part of parts) groups.set(part.index, [...(groups.get(part.index) ?? []), part]);
  return [...groups].map(([name, members]) => ({
    name,
    columns: members.map(({ column }) => column),
    // A prefix index cannot be read in key order, nor can MariaDB's hash index over long columns.
    usable: members.every(
      ({ column, prefix, type }) =>
        prefix === null && type !== 'HASH' && columns.get(column)?.nullable === 'NO',
    ),
    bytes: members.reduce((sum, { column }) => sum + Number(columns.get(column)?.octets ?? 8), 0),
  }));
}

function configuredKey(
  configured: readonly string[],
  columns: ReadonlyMap<string, ColumnInfo>,
  keys: readonly UniqueKey[],
): readonly string[] | string {
  const named = `key [${configured.join(', ')}]`;
  const missing = configured.find((name) => !columns.has(name));
  if (missing !== undefined)
    return `has no column ${missing}, which its ${named} names: correct it in the sync file`;
  const nullable = configured.find((name) => columns.get(name)?.nullable !== 'NO');
  if (nullable !== undefined)
    return `may hold NULL in ${nullable}, a column of its ${named}: make it NOT NULL or choose another key`;
  const wanted = [...configured].sort().join('\0');
  const matching = keys.some(
    ({ columns: names, usable, name }) =>
      (usable || name === 'PRIMARY') && [...names].sort().join('\0') === wanted,
  );
  return matching
    ? configured
    : `has no unique index over exactly its ${named}: add one, or choose a key that has one`;
}
