import { keyColumns, type Column, type WireValue } from '@tributary/change-event';
import type { RowRef } from '@tributary/targets';

/** The command that loads one row again, for a POSIX shell. */
export function reloadCommand({ schema, key }: Pick<RowRef, 'schema' | 'key'>): string {
  const columns = keyColumns(schema);
  const start = `tributary snapshot start --table ${shellQuoted(schema.table)}`;
  // A masked key does not tell which row it is.
  if (columns.some(({ mask }) => mask !== undefined)) return start;
  const where = columns
    .map(
      (column) => `\`${column.name.replaceAll('`', '``')}\` = ${literal(column, key[column.field] ?? null)}`,
    )
    .join(' AND ');
  return `${start} --where ${shellQuoted(where)}`;
}

const numeric = new Set<Column['kind']>(['int', 'year', 'bigint', 'decimal', 'float', 'bit']);

/** A key value as SQL; text as bytes in hex wherever it could mean anything but itself. */
function literal({ kind }: Column, value: WireValue): string {
  if (value === null) return 'NULL';
  const text = String(value);
  if (kind === 'binary') return `x'${Buffer.from(text, 'base64').toString('hex')}'`;
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (numeric.has(kind) && /^-?\d+(\.\d+)?$/.test(text)) return text;
  const plain = kind === 'datetime' || kind === 'timestamp' ? text.replace('T', ' ').replace('Z', '') : text;
  return /^[\w .:@+-]*$/.test(plain)
    ? `"${plain}"`
    : `CONVERT(x'${Buffer.from(plain, 'utf8').toString('hex')}' USING utf8mb4)`;
}

const shellQuoted = (text: string) => (/^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
