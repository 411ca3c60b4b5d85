import { InvalidArgumentError, type Command } from 'commander';
import { deadLetterHeader, fatal, headerText } from '@tributary/change-event';
import { Publisher, TopicAdmin, type InRecord, type OutRecord } from '@tributary/kafka';
import { markLetters, openLetters, originalHeaders, readLetters, type Letter } from '../letters';
import { count } from '../output/format';
import { runCommand, type CommandContext } from '../run-command';
import { rejectedAgain, whenPassed } from '../replay-outcome';

interface DlqOptions {
  readonly reason?: string;
  readonly table?: string;
  readonly limit: number;
  readonly json?: boolean;
}

type Context = CommandContext<DlqOptions>;

const LETTER_ID = /^\d+:\d+$/;

export function dlqCommands(program: Command): void {
  const group = program.command('dlq').description('dead letters: events that no target can take');
  const add = (name: string, description: string, limit: number, example: string) =>
    group
      .command(name)
      .description(description)
      .option('--reason <code>', 'only letters with this reason code, e.g. INVALID_ROW')
      .option('--table <database.table>', 'only letters of this table; * stands for any characters')
      .option('--limit <n>', 'at most so many', atLeastOne, limit)
      .option('--json', 'print the result as JSON')
      .addHelpText('after', `\nExample:\n  ${example}\n`);
  add(
    'list',
    'list the letters that are neither replayed nor discarded, newest last',
    100,
    'tributary dlq list --reason INVALID_ROW',
  ).action(runCommand({ kafka: true }, list));
  group
    .command('show')
    .description('show one letter with its headers, key and value')
    .argument('<partition:offset>', 'the letter, as dlq list names it', letterId)
    .option('--json', 'print it as JSON')
    .addHelpText('after', '\nExample:\n  tributary dlq show 3:42\n')
    .action(runCommand({ kafka: true }, show));
  add(
    'replay',
    'send letters through the pipeline again; versions keep newer states safe',
    Infinity,
    'tributary dlq replay --table github_data.users',
  )
    .argument('[partition:offset...]', 'these letters only', letterIds)
    .action(runCommand({ kafka: true }, replay));
  add(
    'discard',
    'mark letters as done without replaying them',
    Infinity,
    'tributary dlq discard --reason CRC_MISMATCH',
  )
    .argument('[partition:offset...]', 'these letters only', letterIds)
    .action(runCommand({ kafka: true }, discard));
}

async function list({ servers, out, options }: Context): Promise<void> {
  const letters = await openLetters(servers.kafka, servers.config.topics.deadLetters, options);
  const shown = letters.slice(-options.limit);
  if (options.json) return out.json({ total: letters.length, letters: shown });
  if (letters.length === 0) return out.line('No dead letters.');
  out.table<Letter>(
    [
      { head: 'letter', value: ({ id }) => id },
      { head: 'at', value: ({ at }) => at },
      { head: 'stage', value: ({ stage }) => stage },
      { head: 'code', value: ({ code }) => code },
      { head: 'table', value: ({ table }) => table ?? '-' },
      { head: 'key', value: ({ key }) => cut(keyOf(key), 60) },
      { head: 'reason', value: ({ reason }) => cut(reason, 100) },
    ],
    shown,
  );
  if (shown.length < letters.length)
    out.note(`The newest ${count(shown.length)} of ${count(letters.length)} letters; --limit shows more.`);
}

async function show({ servers, out, options, args }: Context): Promise<void> {
  const topic = servers.config.topics.deadLetters;
  const [id] = args as [string];
  let found: InRecord | undefined;
  await readLetters(servers.kafka, topic, new Set([id]), (_, [record]) => (found = record));
  if (!found) throw fatal('DLQ', `There is no letter ${id} on ${topic}: see tributary dlq list.`);
  const headers = Object.fromEntries(
    Object.keys(found.headers).map((name) => [name, headerText(found!.headers, name) ?? '(repeated)']),
  );
  const [key, value] = [found.key?.toString('utf8') ?? null, found.value?.toString('utf8') ?? null];
  if (options.json) return out.json({ letter: id, headers, key, value });
  for (const [name, text] of Object.entries(headers)) out.line(`${name}: ${text}`);
  out.line(`key: ${key ?? '(none)'}`);
  out.line(`value: ${value ?? '(none)'}`);
}

async function replay(context: Context): Promise<number> {
  const { servers, out, options } = context;
  const { topics } = servers.config;
  const letters = await chosenLetters(context);
  const before = await new TopicAdmin(servers.kafka).watermarks(topics.deadLetters);
  const sent = await withPublisher(context, async (publisher) => {
    const byId = new Map(letters.map((letter) => [letter.id, letter]));
    const batches: { records: OutRecord[]; letters: Letter[] }[] = [];
    await readLetters(servers.kafka, topics.deadLetters, new Set(byId.keys()), (partition, records) =>
      batches.push({
        records: records.map((record) => replayed(record, partition)),
        letters: records.map(({ offset }) => byId.get(`${partition}:${offset}`)!),
      }),
    );
    for (const batch of batches) {
      await publisher.send(topics.changes, batch.records);
      // Marked only after Kafka has them: a crash between the two replays once more, which versions allow.
      await markLetters(publisher, topics.deadLetters, batch.letters, 'replayed');
    }
    return batches.reduce((sum, batch) => sum + batch.records.length, 0);
  });
  const passed = sent === 0 || (await whenPassed(servers.kafka, servers.config));
  const rejected = await rejectedAgain(servers.kafka, topics.deadLetters, before, letters);
  if (options.json) out.json({ replayed: sent, rejectedAgain: rejected, settled: passed });
  else {
    out.line(`replayed ${count(sent)}, rejected again ${count(rejected)}`);
    if (sent > rejected && passed)
      out.line(`${count(sent - rejected)} ended applied, or superseded where a target held a newer version`);
    if (!passed) out.note('The services have not worked them off yet: see tributary status.');
  }
  return rejected > 0 ? 1 : 0;
}

/** The letter as it was before it died, in the partition it came from, so that order by key holds. */
function replayed({ key, value, headers }: InRecord, partition: number): OutRecord {
  const from = headerText(headers, deadLetterHeader.partition);
  return {
    key,
    value,
    headers: originalHeaders(headers),
    partition: from && /^\d+$/.test(from) ? Number(from) : partition,
  };
}

async function discard(context: Context): Promise<void> {
  const { servers, out, options } = context;
  const letters = await chosenLetters(context);
  await withPublisher(context, (publisher) =>
    markLetters(publisher, servers.config.topics.deadLetters, letters, 'discarded'),
  );
  if (options.json) out.json({ discarded: letters.length });
  else out.line(`discarded ${count(letters.length)}`);
}

async function chosenLetters({ servers, options, args }: Context): Promise<Letter[]> {
  const letters = await openLetters(servers.kafka, servers.config.topics.deadLetters, options);
  const ids = (args[0] as readonly string[] | undefined) ?? [];
  const missing = ids.find((id) => !letters.some((letter) => letter.id === id));
  if (missing !== undefined)
    throw fatal(
      'DLQ',
      `There is no open letter ${missing}: it was replayed or discarded already, or never was; see tributary dlq list.`,
    );
  return (ids.length > 0 ? letters.filter(({ id }) => ids.includes(id)) : letters).slice(0, options.limit);
}

async function withPublisher<T>(
  { servers, log }: Context,
  work: (publisher: Publisher) => Promise<T>,
): Promise<T> {
  const publisher = new Publisher(servers.kafka, log);
  try {
    await publisher.start();
    return await work(publisher);
  } finally {
    await publisher.stop();
  }
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

function letterId(text: string): string {
  if (!LETTER_ID.test(text)) throw new InvalidArgumentError('It must look like 3:42 (partition:offset).');
  return text;
}

const letterIds = (text: string, before: string[] = []): string[] => [...before, letterId(text)];

function atLeastOne(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number above 0.');
  return value;
}
