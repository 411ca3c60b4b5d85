/**
 * The key in what somebody pasted: `7`, `7 2` or `7, 2` for a composite one, `shop.orders 7`, or as a Redis key has it,
 * `shop:orders:7`. Of a table it is without the table's name.
 */
export function keyOf(text: string, table?: string): string[] {
  const words = text
    .trim()
    .split(/[\s,;]+/)
    .filter(Boolean);
  if (table && words[0] === table) return words.slice(1);
  const redis = table?.replace('.', ':');
  if (redis && words.length === 1 && words[0]?.startsWith(`${redis}:`))
    return words[0]
      .slice(redis.length + 1)
      .split(':')
      .map(decoded);
  return words;
}

const decoded = (text: string) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** Tables whose name stands in the text, then the others. */
export function likeliestFirst(text: string, tables: readonly string[]): string[] {
  const named = (table: string) => text.includes(table) || text.includes(table.replace('.', ':'));
  return [...tables.filter(named), ...tables.filter((table) => !named(table))];
}
