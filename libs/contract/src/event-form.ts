import { operations, type ChangeEvent } from './envelope';

/** What is asked of the form of a record's key and value: each check answers a sentence, or `undefined`. */
export interface EventForm {
  key(key: Readonly<Record<string, unknown>>): string | undefined;
  event(event: Readonly<Record<string, unknown>>): string | undefined;
}

/**
 * The form of a change event without any library. The DTOs of libs/schemas ask the same and say more of it; a property test
 * there holds the two together.
 */
export const plainForm: EventForm = {
  key: ({ table, key }) =>
    typeof table === 'string' && /^[^.]+\..+$/s.test(table) && isObject(key)
      ? undefined
      : 'the key is not of the form {"table":"database.table","key":{...}}',
  event: (event) => {
    const { before, after, op, source, ts_ms } = event as Partial<Record<keyof ChangeEvent, unknown>>;
    if (before !== null && !isObject(before)) return 'before must be an object or null';
    if (after !== null && !isObject(after)) return 'after must be an object or null';
    if (!operations.some((known) => known === op)) return 'op must be one of c, u, d, r, t';
    const fits =
      op === 'd' ? after === null : op === 't' ? before === null && after === null : after !== null;
    if (!fits) return `op ${String(op)} has other images`;
    if (!isObject(source)) return 'source must be an object';
    return sourceFault(source) ?? (isTime(ts_ms) ? undefined : 'ts_ms must be a time');
  },
};

/** Debezium's words for `source.snapshot`; the relay writes `true` and `false`. */
export const snapshotWords = [
  ...['true', 'false', 'first', 'last'],
  ...['first_in_data_collection', 'last_in_data_collection', 'incremental'],
];

const optional = ['version', 'connector', 'name'] as const;

function sourceFault(source: Readonly<Record<string, unknown>>): string | undefined {
  if (!isName(source['db'])) return 'source.db must be a name';
  if (!isName(source['table'])) return 'source.table must be a name';
  if (!isTime(source['ts_ms'])) return 'source.ts_ms must be a time';
  if (!snapshotWords.some((word) => word === source['snapshot']))
    return 'source.snapshot must be a known word';
  const { seq } = source;
  if (typeof seq !== 'string' || !/^\d{1,19}$/.test(seq)) return 'source.seq must be a row version';
  const odd = optional.find((name) => (source[name] ?? null) !== null && typeof source[name] !== 'string');
  return odd && `source.${odd} must be a text`;
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isName = (value: unknown) => typeof value === 'string' && value !== '';
const isTime = (value: unknown) => Number.isInteger(value) && (value as number) >= 0;
