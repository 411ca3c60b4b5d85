/** A name quoted for SQL whatever it holds: backticks work in every sql_mode. */
export const quoteIdentifier = (name: string) => `\`${name.replaceAll('`', '``')}\``;

/** `database.table` quoted; the first dot parts the two, as in the sync file. */
export function quoteTable(table: string): string {
  const dot = table.indexOf('.');
  return `${quoteIdentifier(table.slice(0, dot))}.${quoteIdentifier(table.slice(dot + 1))}`;
}

/** A text as a literal that reads the same in every sql_mode and connection character set; takes a column's collation. */
export const textLiteral = (text: string) =>
  text === '' ? `''` : `_utf8mb4 X'${Buffer.from(text, 'utf8').toString('hex')}'`;
