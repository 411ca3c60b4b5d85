import { createHash } from 'node:crypto';
import { deadLetterHeader, headerValues, lastHeaderText } from '@tributary/change-event';
import { originalHeaders, type InRecord, type OutRecord } from '@tributary/kafka';
import { matchesTable } from '../tables';

/** A dead letter as lists show it; its value stays in Kafka. */
export interface Letter {
  /** `<partition>:<offset>` on the dead-letter topic. */
  readonly id: string;
  readonly partition: number;
  readonly offset: string;
  readonly at: string;
  readonly stage: string;
  readonly code: string;
  readonly reason: string;
  readonly table: string | null;
  readonly key: string | null;
  readonly attempts: string;
}

export interface LetterFilter {
  readonly reason?: string;
  readonly table?: string;
  readonly stage?: string;
  readonly since?: Date;
  readonly until?: Date;
}

export function letterOf(partition: number, { key, offset, headers, timestamp }: InRecord): Letter {
  const text = (name: string) => lastHeaderText(headers, name) ?? '-';
  const keyText = key?.toString('utf8') ?? null;
  return {
    id: `${partition}:${offset}`,
    partition,
    offset,
    at: lastHeaderText(headers, deadLetterHeader.at) ?? isoTime(Number(timestamp)),
    stage: text(deadLetterHeader.stage),
    code: text(deadLetterHeader.code),
    reason: text(deadLetterHeader.reason),
    table: tableOf(keyText),
    key: keyText,
    attempts: text(deadLetterHeader.attempts),
  };
}

/** A foreign producer may give any time. */
const isoTime = (ms: number) => {
  const time = new Date(ms);
  return Number.isNaN(time.getTime()) ? '-' : time.toISOString();
};

export const fits = ({ code, table, stage, at }: Letter, filter: LetterFilter) =>
  (filter.reason === undefined || code === filter.reason.toUpperCase()) &&
  (filter.table === undefined || (table !== null && matchesTable(filter.table, table))) &&
  (filter.stage === undefined || stage === filter.stage) &&
  (filter.since === undefined || Date.parse(at) >= filter.since.getTime()) &&
  (filter.until === undefined || Date.parse(at) < filter.until.getTime());

/** The parts of a letter's id. */
export function placeOf(id: string): [partition: number, offset: string] {
  const [partition, offset] = id.split(':') as [string, string];
  return [Number(partition), offset];
}

/** The table that a message key names; a letter may have died of its very key. */
function tableOf(key: string | null): string | null {
  try {
    const { table } = JSON.parse(key ?? 'null') as { table?: unknown };
    return typeof table === 'string' ? table : null;
  } catch {
    return null;
  }
}

/** The record as it was before it died, in the partition that it came from, so that order by key holds. */
export function originalOf({ key, value, headers }: InRecord, partition: number): OutRecord {
  const from = lastHeaderText(headers, deadLetterHeader.partition);
  return {
    key,
    value,
    headers: originalHeaders(headers),
    partition: from && /^\d+$/.test(from) ? Number(from) : partition,
  };
}

/** Equal for records of the same key, value and headers, byte for byte: one event that died at two stages, or twice. */
export function identityOf({ key, value, headers = {} }: OutRecord): string {
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
