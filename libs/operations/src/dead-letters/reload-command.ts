import { keyColumns, type Column, type WireValue } from '@tributary/contract';
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

/** A key value as SQL. */
function literal({ kind }: Column, value: WireValue): string {
  if (value === null) return 'NULL';
  const text = String(value);
  switch (kind) {
    case 'binary':
      return `x'${Buffer.from(text, 'base64').toString('hex')}'`;
    case 'int':
    case 'year':
    case 'bigint':
    case 'decimal':
    case 'float':
    case 'bit':
      if (typeof value === 'boolean') return value ? '1' : '0';
      return /^-?\d+(\.\d+)?$/.test(text) ? text : quoted(text);
    case 'datetime':
    case 'timestamp':
      return quoted(text.replace('T', ' ').replace('Z', ''));
    case 'date':
    case 'time':
    case 'text':
    case 'enum':
    case 'set':
    case 'json':
    case 'geometry':
      return quoted(text);
  }
}

/** As bytes in hex wherever the text could mean anything but itself. */
const quoted = (text: string) =>
  /^[\w .:@+-]*$/.test(text)
    ? `"${text}"`
    : `CONVERT(x'${Buffer.from(text, 'utf8').toString('hex')}' USING utf8mb4)`;

const shellQuoted = (text: string) => (/^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
