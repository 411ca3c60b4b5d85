import { fatal, headerValues } from '@tributary/change-event';
import { DeadLetterStore, type DeadLetter } from '@tributary/dead-letters';
import type { InRecord } from '@tributary/kafka';
import { count, printable } from '../output/format';
import type { Context } from './options';

export async function list({ servers, out, options }: Context): Promise<void> {
  const open = await new DeadLetterStore(servers.kafka, servers.config.topics).open();
  let total = 0;
  let newest: DeadLetter[] = [];
  const cutDown = () => (newest = newest.sort((a, b) => a.at.localeCompare(b.at)).slice(-options.limit));
  for await (const stored of open.pieces(options)) {
    total += stored.length;
    for (const { deadLetter } of stored) newest.push(deadLetter);
    if (newest.length > 2 * options.limit) cutDown();
  }
  cutDown();
  if (options.json) return out.json({ total, letters: newest });
  if (total === 0) return out.line('No dead letters.');
  out.table<DeadLetter>(
    [
      { head: 'letter', value: ({ id }) => id },
      { head: 'at', value: ({ at }) => at },
      { head: 'stage', value: ({ stage }) => stage },
      { head: 'code', value: ({ code }) => code },
      { head: 'table', value: ({ table }) => table ?? '-' },
      { head: 'key', value: ({ key }) => cut(keyOf(key), 60) },
      { head: 'reason', value: ({ reason }) => cut(reason, 100) },
    ],
    newest,
  );
  if (newest.length < total)
    out.note(`The newest ${count(newest.length)} of ${count(total)} letters; --limit shows more.`);
}

export async function show({ servers, out, options, args }: Context): Promise<void> {
  const topic = servers.config.topics.deadLetters;
  const [id] = args as [string];
  const record = await new DeadLetterStore(servers.kafka, servers.config.topics).find(id);
  if (!record) throw fatal('DLQ', `There is no letter ${id} on ${topic}: see tributary dlq list.`);
  const { headers, key, value } = shown(record);
  if (options.json) return out.json({ letter: id, headers, key, value });
  for (const [name, held] of Object.entries(headers))
    for (const text of Array.isArray(held) ? held : [held])
      out.line(printable(`${name}: ${text ?? '(none)'}`));
  out.line(printable(`key: ${key ?? '(none)'}`));
  out.line(printable(`value: ${value ?? '(none)'}`));
}

/** Bytes as text where they are one. */
function shown({ headers, key, value }: InRecord) {
  const text = (bytes: Buffer | string | null | undefined) => {
    if (bytes === null || bytes === undefined) return null;
    const decoded = bytes.toString('utf8');
    return Buffer.from(decoded).equals(Buffer.from(bytes as Buffer))
      ? decoded
      : `base64:${(bytes as Buffer).toString('base64')}`;
  };
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

const cut = (text: string, length: number) => (text.length > length ? `${text.slice(0, length - 1)}…` : text);

/** The key columns alone, where the key is one of ours. */
function keyOf(key: string | null): string {
  try {
    return JSON.stringify((JSON.parse(key ?? 'null') as { key: unknown }).key) ?? key ?? '-';
  } catch {
    return key ?? '-';
  }
}
