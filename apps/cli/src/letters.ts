import { deadLetterHeader, headerText, type Headers } from '@tributary/change-event';
import { readAll, TopicAdmin, type InRecord, type Kafka, type Publisher } from '@tributary/kafka';
import { matchesTable } from './tables';

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
}

/**
 * A letter that was replayed or discarded is marked by a record behind it on its partition, without value and with
 * these headers. It lasts at least as long as the letter, needs no place of its own, and two operators at work at
 * once do no harm: replays are guarded by versions.
 */
const markHeader = { resolution: 'dlq.resolution', letter: 'dlq.letter', at: 'dlq.at' } as const;
export type Resolution = 'replayed' | 'discarded';

/** Calls `each` for every letter on the topic that is not resolved and fits the filter, in partition order. */
export async function openLetters(kafka: Kafka, topic: string, filter: LetterFilter = {}): Promise<Letter[]> {
  const letters = new Map<string, Letter>();
  // Before the first service has started there is no topic, hence no letter.
  if (!(await new TopicAdmin(kafka).topics()).has(topic)) return [];
  await readAll(kafka, topic, (partition, records) => {
    for (const record of records) {
      const resolved = headerText(record.headers, markHeader.letter);
      if (resolved !== undefined) letters.delete(resolved);
      else {
        const letter = letterOf(partition, record);
        if (fits(letter, filter)) letters.set(letter.id, letter);
      }
    }
  });
  return [...letters.values()].sort((a, b) => a.at.localeCompare(b.at));
}

/** Hands over the records of these letters, a batch of one partition at a time. */
export async function readLetters(
  kafka: Kafka,
  topic: string,
  ids: ReadonlySet<string>,
  onRecords: (partition: number, records: InRecord[]) => void,
): Promise<void> {
  await readAll(kafka, topic, (partition, records) => {
    const wanted = records.filter(({ offset }) => ids.has(`${partition}:${offset}`));
    if (wanted.length > 0) onRecords(partition, wanted);
  });
}

export async function markLetters(
  publisher: Publisher,
  topic: string,
  letters: readonly Letter[],
  resolution: Resolution,
): Promise<void> {
  const at = new Date().toISOString();
  await publisher.send(
    topic,
    letters.map(({ id, partition, key }) => ({
      key,
      value: null,
      partition,
      headers: { [markHeader.resolution]: resolution, [markHeader.letter]: id, [markHeader.at]: at },
    })),
  );
}

const dlqNames = new Set<string>(Object.values(deadLetterHeader));

/** The headers that the letter had before it died. */
export const originalHeaders = (headers: Headers): Headers =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !dlqNames.has(name)));

function letterOf(partition: number, { key, offset, headers, timestamp }: InRecord): Letter {
  const text = (name: string) => headerText(headers, name) ?? '-';
  const keyText = key?.toString('utf8') ?? null;
  return {
    id: `${partition}:${offset}`,
    partition,
    offset,
    at: headerText(headers, deadLetterHeader.at) ?? new Date(Number(timestamp)).toISOString(),
    stage: text(deadLetterHeader.stage),
    code: text(deadLetterHeader.code),
    reason: text(deadLetterHeader.reason),
    table: tableOf(keyText),
    key: keyText,
    attempts: text(deadLetterHeader.attempts),
  };
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

const fits = ({ code, table }: Letter, filter: LetterFilter) =>
  (filter.reason === undefined || code === filter.reason.toUpperCase()) &&
  (filter.table === undefined || (table !== null && matchesTable(filter.table, table)));
