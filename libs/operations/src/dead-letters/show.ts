import { headerValues } from '@tributary/contract';
import { fatal } from '@tributary/kernel';
import { DeadLetterStore } from '@tributary/dead-letters';
import type { InRecord } from '@tributary/transport';
import type { OperationContext } from '../context';

/** A dead letter's record as text: what is no UTF-8 as `base64:...`, what is not there as `null`. */
export interface ShownDeadLetter {
  readonly headers: Readonly<Record<string, string | null | readonly (string | null)[]>>;
  readonly key: string | null;
  readonly value: string | null;
}

/** One dead letter, open or not. Throws a fatal SyncError when there is none of that id. */
export async function showDeadLetter({ servers }: OperationContext, id: string): Promise<ShownDeadLetter> {
  const { topics } = servers.config;
  const record = await new DeadLetterStore(servers.kafka, topics).find(id);
  if (!record)
    throw fatal('DLQ', `There is no dead letter ${id} on ${topics.deadLetters}: see tributary dlq list.`);
  return shown(record);
}

function shown({ headers, key, value }: InRecord): ShownDeadLetter {
  return {
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, held]) => {
        const texts = headerValues(held).map(text);
        return [name, texts.length === 1 ? texts[0]! : texts];
      }),
    ),
    key: text(key),
    value: text(value),
  };
}

function text(bytes: Buffer | string | null | undefined): string | null {
  if (bytes === null || bytes === undefined) return null;
  const decoded = bytes.toString('utf8');
  return Buffer.from(decoded).equals(Buffer.from(bytes as Buffer))
    ? decoded
    : `base64:${(bytes as Buffer).toString('base64')}`;
}
