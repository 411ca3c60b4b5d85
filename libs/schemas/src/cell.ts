/** What is wrong with one value that is not null, as the end of a sentence; `undefined` when nothing is. */
export type CellCheck = (value: unknown) => string | undefined;

/** Names the JSON type of a value for a reason; never shows the value. */
export function typeName(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  return `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`;
}
