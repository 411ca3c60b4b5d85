/** A `redis.key` of the sync file, taken apart. */
export interface RedisKeyPattern {
  /** Texts as they are, and the places that a key column's text takes. */
  readonly parts: readonly (string | { readonly place: string })[];
  /** Characters that a value must not show besides `:` and `%`, since a separator is known by them. */
  readonly escaped: readonly string[];
  /** Why two rows could share a key, one clause; `null` when none can. */
  readonly fault: string | null;
}

/**
 * Reads a key pattern. Rows keep keys of their own because no value shows the character by which the separator behind
 * it is known: a `:` (no key text holds one), else the separator's first character that can be percent-encoded.
 */
export function redisKeyPattern(pattern: string): RedisKeyPattern {
  const parts = pattern
    .split(/\{([^{}]*)\}/)
    .map((part, at) => (at % 2 === 0 ? part : { place: part }))
    .filter((part) => part !== '');
  const escaped = new Set<string>();
  let fault: string | null = null;
  const places = parts.flatMap((part, at) => (typeof part === 'string' ? [] : [{ at, place: part.place }]));
  if (places.length === 0) fault = 'it holds no {column}, so all rows would share one key';
  for (const [index, { at, place }] of places.slice(1).entries()) {
    const before = places[index]!;
    const between = `between {${before.place}} and {${place}}`;
    const separator = at - before.at === 1 ? '' : (parts[at - 1] as string);
    if (separator.includes(':')) continue;
    const sign = [...separator].find((character) => !/[0-9A-F%]/.test(character));
    if (sign !== undefined) escaped.add(sign);
    else if (separator === '')
      fault ??= `nothing stands ${between}, so two rows could share a key: write a ":" there`;
    else
      fault ??= `"${separator}" ${between} can be part of a value, so two rows could share a key: write a ":" there`;
  }
  return { parts, escaped: [...escaped], fault };
}

/** A key text as the pattern's places hold it, and back. */
export function placeText(text: string, { escaped }: RedisKeyPattern): string {
  return escaped.reduce((done, sign) => done.replaceAll(sign, percentEncoded(sign)), text);
}

export function textOfPlace(text: string, { escaped }: RedisKeyPattern): string {
  return escaped.reduce((done, sign) => done.replaceAll(percentEncoded(sign), sign), text);
}

const percentEncoded = (sign: string) =>
  [...Buffer.from(sign)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
