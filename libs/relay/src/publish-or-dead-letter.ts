import type { EventKey } from '@tributary/contract';
import { byteLength, OversizeRecordError, type OutRecord, type RecordSender } from '@tributary/transport';
import type { DeadLetterSender, RelayContext } from './ports';

export interface PublishDeps {
  readonly publisher: RecordSender;
  readonly topic: string;
  readonly deadLetters: DeadLetterSender;
  readonly log: RelayContext['log'];
  /** Told the table of each row that went to the dead letters. */
  readonly onRejected: (table: string) => void;
}

/**
 * Publishes a batch. A row larger than the topic allows can never pass, so its key goes to the dead letters with
 * the reason and without its value, which does not fit there either (R11); its neighbours are published.
 */
export async function publishOrDeadLetter(records: OutRecord[], deps: PublishDeps): Promise<void> {
  if (records.length === 0) return;
  try {
    await deps.publisher.send(deps.topic, records);
  } catch (error) {
    if (!(error instanceof OversizeRecordError)) throw error;
    deps.log.error({ topic: deps.topic, records: error.indexes.length }, error.message);
    const rejected = error.indexes.map((index) => records[index]!);
    await deps.deadLetters.send(rejected.map((record) => rejectedRecord(record, deps.topic)));
    for (const { key } of rejected) deps.onRejected((JSON.parse(String(key)) as EventKey).table);
  }
}

function rejectedRecord(record: OutRecord, topic: string) {
  const bytes = byteLength(record.value);
  const reason = `The row's message of ${bytes} bytes is larger than ${topic} allows: raise max.message.bytes, then load the row again.`;
  const key = typeof record.key === 'string' ? Buffer.from(record.key) : record.key;
  return {
    record: { key, value: null, headers: record.headers ?? {}, offset: '-1', timestamp: String(Date.now()) },
    batch: { topic, partition: 0 },
    rejection: { code: 'OVERSIZE', reason },
  } as const;
}
