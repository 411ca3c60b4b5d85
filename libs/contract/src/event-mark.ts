import { header, type Headers } from './headers';

interface Marked {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Headers;
  /** Of the broker, UTC milliseconds as digits. */
  readonly timestamp: string;
}

/** More than what stands behind the images in a value of ours. */
const TAIL_BYTES = 120;
const KEY = /^\{"table":("(?:[^"\\]|\\.)*")/;
const TAIL = /"ts_ms":(\d{1,15}),"seq":"\d+"\},"op":"\w","ts_ms":\d+\}$/;

/**
 * For each table, when the first of its changes among the records was made, in UTC milliseconds: read without parsing
 * values. `undefined` stands for keys that name no table; where a value is not as the relay writes it, the broker's time
 * counts. Control records are no changes.
 */
export function firstChanges(records: Iterable<Marked>): Map<string | undefined, number> {
  const first = new Map<string | undefined, number>();
  for (const record of records) {
    const table = tableOf(record.key);
    if (!first.has(table) && !Object.hasOwn(record.headers, header.control))
      first.set(table, changedAtMs(record));
  }
  return first;
}

function changedAtMs({ value, timestamp }: Marked): number {
  const tail = value?.toString('latin1', Math.max(0, value.length - TAIL_BYTES)) ?? '';
  return Number(TAIL.exec(tail)?.[1] ?? timestamp);
}

function tableOf(key: Buffer | null): string | undefined {
  const text = KEY.exec(key?.toString('utf8') ?? '')?.[1];
  try {
    return text === undefined ? undefined : (JSON.parse(text) as string);
  } catch {
    return undefined;
  }
}
