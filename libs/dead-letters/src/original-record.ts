import { createHash } from 'node:crypto';
import {
  deadLetterHeader,
  headerValues,
  lastHeaderText,
  type Headers,
  type HeaderValue,
} from '@tributary/contract';
import type { InRecord, OutRecord } from '@tributary/transport';

const ownNames = new Set<string>(Object.values(deadLetterHeader));

/** The headers that a record had before it became a dead letter: without the last of each `dlq.*` name, which is ours. */
export function originalHeaders(headers: Headers): Headers {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]): [string, HeaderValue][] => {
      const values = ownNames.has(name) ? headerValues(value).slice(0, -1) : headerValues(value);
      return values.length === 0 ? [] : [[name, values.length === 1 ? values[0] : values]];
    }),
  );
}

/** The record as it was, in the partition that it came from, so that order by key holds. */
export function originalRecord({ key, value, headers }: InRecord, partition: number): OutRecord {
  const from = lastHeaderText(headers, deadLetterHeader.partition);
  return {
    key,
    value,
    headers: originalHeaders(headers),
    partition: from && /^\d+$/.test(from) ? Number(from) : partition,
  };
}

/** Equal for records of the same key, value and headers, byte for byte: one event that two stages rejected, or one twice. */
export function eventIdentity({ key, value, headers = {} }: OutRecord): string {
  const hash = createHash('sha256');
  const add = (bytes: Buffer | string | null) => {
    hash.update(bytes === null ? '-;' : `${Buffer.byteLength(bytes)};`);
    if (bytes !== null) hash.update(bytes);
  };
  add(key);
  add(isWhole(value) ? value : Buffer.concat(value));
  for (const [name, held] of Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1)))
    for (const one of headerValues(held)) {
      add(name);
      add(one);
    }
  return hash.digest('base64');
}

/** A value to publish may come in pieces. */
const isWhole = (value: OutRecord['value']): value is Buffer | string | null => !Array.isArray(value);
