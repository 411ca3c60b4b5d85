import {
  deadLetterHeader,
  headerText,
  lastHeaderText,
  resolutionHeader,
  type Headers,
} from '@tributary/contract';
import type { InRecord } from '@tributary/transport';

/** What a dead letter says of itself; its value stays in Kafka. */
export interface DeadLetter {
  /** `<partition>:<offset>` on the dead-letter topic. */
  readonly id: string;
  readonly partition: number;
  readonly offset: string;
  readonly at: string;
  readonly stage: string;
  readonly code: string;
  readonly reason: string;
  readonly table: string | null;
  /** The column that the reason names; `null`: none. */
  readonly column: string | null;
  readonly key: string | null;
  readonly attempts: string;
}

/** The id of the dead letter that a record of the topic resolves; `undefined` for a dead letter, whatever headers it brought. */
export const resolvedBy = (headers: Headers): string | undefined =>
  Object.hasOwn(headers, deadLetterHeader.stage)
    ? undefined
    : headerText(headers, resolutionHeader.deadLetter);

/** Reads a record of the topic that resolves none. */
export function deadLetterOf(partition: number, { key, offset, headers, timestamp }: InRecord): DeadLetter {
  // The last of each name is ours: the record may have had one already.
  const text = (name: string) => lastHeaderText(headers, name) ?? '-';
  const keyText = key?.toString('utf8') ?? null;
  const reason = text(deadLetterHeader.reason);
  return {
    id: `${partition}:${offset}`,
    partition,
    offset,
    at: lastHeaderText(headers, deadLetterHeader.at) ?? isoTime(Number(timestamp)),
    stage: text(deadLetterHeader.stage),
    code: text(deadLetterHeader.code),
    reason,
    table: tableOf(keyText),
    column: columnOf(reason),
    key: keyText,
    attempts: text(deadLetterHeader.attempts),
  };
}

/** A foreign producer may give any time. */
const isoTime = (ms: number) => {
  const time = new Date(ms);
  return Number.isNaN(time.getTime()) ? '-' : time.toISOString();
};

/** The parts of a dead letter's id. */
export function placeOf(id: string): [partition: number, offset: string] {
  const [partition, offset] = id.split(':') as [string, string];
  return [Number(partition), offset];
}

/** The table that a message key names; the key itself may be why the event was rejected. */
function tableOf(key: string | null): string | null {
  try {
    const { table } = JSON.parse(key ?? 'null') as { table?: unknown };
    return typeof table === 'string' && table !== '' ? table : null;
  } catch {
    return null;
  }
}

/** `after.price is too long`, as validators say it, and `key column id differs`. */
const inImage = /^(?:before|after|key)\.(?:"((?:[^"\\]|\\.)*)"|([\w.-]+))/;
const inWords = /\b(?:key|lacks the) column ([\w$.-]*[\w$])/;

function columnOf(reason: string): string | null {
  const [, quoted, plain] = inImage.exec(reason) ?? [];
  return (quoted ?? plain ?? inWords.exec(reason)?.[1]) || null;
}
