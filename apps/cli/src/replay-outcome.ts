import { setTimeout as sleep } from 'node:timers/promises';
import { header, headerText } from '@tributary/change-event';
import { readAll, TopicAdmin, type Kafka, type Watermarks } from '@tributary/kafka';
import type { SyncConfig } from '@tributary/sync-config';
import type { Letter } from './letters';
import { consumerGroups } from './topology';

const WAIT_MS = 20_000;
const POLL_MS = 200;

/** Waits until the validator and then both sinks have confirmed all that is on their topics now; false after 20 s. */
export async function whenPassed(kafka: Kafka, config: SyncConfig): Promise<boolean> {
  const admin = new TopicAdmin(kafka);
  const groups = consumerGroups(config);
  const deadline = performance.now() + WAIT_MS;
  const drained = async (group: string, topic: string) => {
    const ends = await admin.watermarks(topic);
    for (; performance.now() < deadline; await sleep(POLL_MS)) {
      const offsets = await admin.groupOffsets(group, topic);
      if ([...ends].every(([partition, { low, high }]) => (offsets.get(partition) ?? low) >= high))
        return true;
    }
    return false;
  };
  const sinks = (['mongo', 'redis'] as const).filter((target) =>
    config.tablePatterns.some((table) => config.table(table)![target].enabled),
  );
  if (!(await drained(groups.validator, config.topics.changes))) return false;
  const done = await Promise.all(sinks.map((target) => drained(groups[target], config.topics.validated)));
  return done.every(Boolean);
}

/** How many of the letters died again since `before`, told by key and version. */
export async function rejectedAgain(
  kafka: Kafka,
  topic: string,
  before: ReadonlyMap<number, Watermarks>,
  letters: readonly Letter[],
): Promise<number> {
  const keys = new Set(letters.map(({ key }) => key));
  const again = new Set<string>();
  await readAll(kafka, topic, (partition, records) => {
    const from = before.get(partition)?.high ?? 0n;
    for (const { key, offset, headers } of records) {
      const keyText = key?.toString('utf8') ?? null;
      const isMark = headerText(headers, 'dlq.letter') !== undefined;
      if (BigInt(offset) >= from && !isMark && keys.has(keyText))
        again.add(`${keyText}\0${headerText(headers, header.version)}`);
    }
  });
  return again.size;
}
