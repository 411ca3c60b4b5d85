import { withoutValues } from '@tributary/kernel';

/** What stands for a value. */
const MASK = '***';

type Row = Readonly<Record<string, unknown>>;

/** A column's name, and its values by what they are of. */
type ShownColumn = Row & { readonly column: string };

/** A row with the values of its key columns alone. */
export function maskedRow<R extends Row | null | undefined>(row: R, keyColumns: readonly string[]): R {
  if (!row) return row;
  const members = Object.entries(row).map(([column, value]) => [
    column,
    keyColumns.includes(column) ? value : MASK,
  ]);
  return Object.fromEntries(members) as R;
}

/** A column with the values of each side of it, or of before and after. */
export function maskedColumn(of: { readonly column: string }, keyColumns: readonly string[]): ShownColumn {
  const isKey = keyColumns.includes(of.column);
  const sides = Object.entries(of).map(([name, value]: [string, unknown]) => [
    name,
    isKey || name === 'column' || value === undefined ? value : MASK,
  ]);
  return { ...(Object.fromEntries(sides) as Row), column: of.column };
}

/** A sentence without what servers quote of rows. */
export const maskedSentence = withoutValues;

/** A dead letter's value: of a change event its images, and of anything else nothing. */
export function maskedEvent(value: string | null, keyColumns: readonly string[]): string | null {
  if (value === null) return null;
  try {
    const event = JSON.parse(value) as Row;
    if (typeof event !== 'object' || event === null || Array.isArray(event)) return MASK;
    const known = ['op', 'ts_ms', 'source']
      .filter((name) => name in event)
      .map((name) => [name, name === 'source' ? maskedSource(event[name]) : plain(event[name])]);
    const images = ['before', 'after'].filter((name) => name in event);
    return JSON.stringify({
      ...Object.fromEntries(images.map((name) => [name, maskedImage(event[name], keyColumns)])),
      ...Object.fromEntries(known),
    });
  } catch {
    return MASK;
  }
}

const maskedImage = (image: unknown, keyColumns: readonly string[]) =>
  image === null ? null : typeof image === 'object' ? maskedRow(image as Row, keyColumns) : MASK;

/** Members of an event's source that hold no value of a row. */
const ofSource = ['db', 'table', 'ts_ms', 'snapshot', 'seq'];

const maskedSource = (source: unknown) =>
  typeof source === 'object' && source !== null
    ? Object.fromEntries(
        Object.entries(source).map(([name, value]) => [name, ofSource.includes(name) ? plain(value) : MASK]),
      )
    : MASK;

/** What is no list and no object; a foreign producer may put a row anywhere. */
const plain = (value: unknown) => (typeof value === 'object' && value !== null ? MASK : value);

/** A message key as it is; of what is none, as a foreign producer may send, nothing. */
export function maskedKey(messageKey: string | null): string | null {
  return messageKey === null || keyOf(messageKey) ? messageKey : MASK;
}

/** The key columns that a message key names; what is no message key names none. */
export const keyColumnsOf = (messageKey: string | null): string[] =>
  Object.keys(keyOf(messageKey ?? '') ?? {});

/** The key of `{"table":...,"key":{...}}`, of nothing else. */
function keyOf(messageKey: string): Row | undefined {
  try {
    const { table, key, ...more } = JSON.parse(messageKey) as Row;
    if (typeof table !== 'string' || typeof key !== 'object' || key === null) return undefined;
    const isFlat = Object.values(key).every((value) => value === null || typeof value !== 'object');
    return isFlat && Object.keys(more).length === 0 ? (key as Row) : undefined;
  } catch {
    return undefined;
  }
}
