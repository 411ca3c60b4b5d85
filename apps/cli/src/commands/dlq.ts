import { InvalidArgumentError, Option, type Command } from 'commander';
import { fatal, headerValues } from '@tributary/change-event';
import { Publisher, SchemaStore, type InRecord } from '@tributary/kafka';
import { readEnv, type Needs } from '@tributary/service';
import { MongoVersions, RedisVersions, type VersionReader } from '@tributary/targets';
import type { TargetName } from '@tributary/verify';
import { placeOf, type Letter, type LetterFilter } from '../dlq/letter';
import { markLetters } from '../dlq/marks';
import { OpenLetters, type StoredLetter } from '../dlq/open-letters';
import { Replay } from '../dlq/replay';
import type { TargetOutcome } from '../dlq/replay-outcome';
import { timeOption } from '../dlq/time-option';
import { count, printable } from '../output/format';
import { Progress } from '../output/progress';
import { runCommand, type CommandContext } from '../run-command';
import { usedTargets } from '@tributary/verify';

interface DlqOptions extends LetterFilter {
  readonly limit: number;
  readonly wait: boolean;
  readonly patience: number;
  readonly json?: boolean;
}

type Context = CommandContext<DlqOptions>;

const LETTER_ID = /^(0|[1-9]\d*):(0|[1-9]\d*)$/;
/** Bounds of what is replayed at a time (R13). */
const PORTION_LETTERS = 5_000;
const PORTION_BYTES = 32 << 20;

export function dlqCommands(program: Command): void {
  const group = program.command('dlq').description('dead letters: events that no target can take');
  const add = (name: string, description: string, limit: number, example: string) =>
    group
      .command(name)
      .description(description)
      .option('--reason <code>', 'only letters with this reason code, e.g. INVALID_ROW')
      .option('--table <database.table>', 'only letters of this table; * stands for any characters')
      .option('--stage <service>', 'only letters of this service, e.g. mongo-sink')
      .option('--since <time>', 'only letters from then on: 2h (ago), 2026-11-23T10:00:00Z', timeOption)
      .option('--until <time>', 'only letters from before then', timeOption)
      .addOption(
        new Option('--limit <n>', 'at most so many')
          .argParser(atLeastOne)
          .default(limit, limit === Infinity ? 'all' : String(limit)),
      )
      .option('--json', 'print the result as JSON')
      .addHelpText('after', `\nExample:\n  ${example}\n`);
  add(
    'list',
    'list the letters that are neither replayed nor discarded, newest last',
    100,
    'tributary dlq list --reason INVALID_ROW --since 2h',
  ).action(runCommand({ kafka: true }, list));
  group
    .command('show')
    .description('show one letter with its headers, key and value')
    .argument('<partition:offset>', 'the letter, as dlq list names it', letterId)
    .option('--json', 'print it as JSON; bytes that are no UTF-8 text as base64')
    .addHelpText('after', '\nExample:\n  tributary dlq show 3:42\n')
    .action(runCommand({ kafka: true }, show));
  add(
    'replay',
    'send letters through the pipeline again; versions keep newer states safe',
    Infinity,
    'tributary dlq replay --table github_data.users',
  )
    .argument('[partition:offset...]', 'these letters only', letterIds)
    .option('--no-wait', 'do not wait for what becomes of them (asks for no target)')
    .option(
      '--patience <seconds>',
      'how long the services may stand still before they are not waited for',
      atLeastOne,
      20,
    )
    .addHelpText(
      'after',
      '\nExit code: 0 all were applied, or superseded by a newer state; 1 some were rejected again, could not be replayed, or are not worked off yet.\n',
    )
    .action(runCommand(replayNeeds, replay));
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
  const open = await OpenLetters.read(servers.kafka, servers.config.topics.deadLetters);
  let total = 0;
  let newest: Letter[] = [];
  const cutDown = () => (newest = newest.sort((a, b) => a.at.localeCompare(b.at)).slice(-options.limit));
  for await (const stored of open.letters(options)) {
    total += stored.length;
    for (const { letter } of stored) newest.push(letter);
    if (newest.length > 2 * options.limit) cutDown();
  }
  cutDown();
  if (options.json) return out.json({ total, letters: newest });
  if (total === 0) return out.line('No dead letters.');
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
    newest,
  );
  if (newest.length < total)
    out.note(`The newest ${count(newest.length)} of ${count(total)} letters; --limit shows more.`);
}

async function show({ servers, out, options, args }: Context): Promise<void> {
  const topic = servers.config.topics.deadLetters;
  const [id] = args as [string];
  const record = await OpenLetters.find(servers.kafka, topic, id);
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

/** Only the targets that the sync file uses are asked for, and none without waiting. */
function replayNeeds({ wait }: DlqOptions): Needs {
  const targets = wait ? usedTargets(readEnv({}).config) : [];
  return { kafka: true, mongodb: targets.includes('mongo'), redis: targets.includes('redis') };
}

async function replay(context: Context): Promise<number> {
  const { servers, options, log } = context;
  const readers: Partial<Record<TargetName, VersionReader>> = {};
  for (const target of options.wait ? usedTargets(servers.config) : [])
    readers[target] =
      target === 'mongo'
        ? new MongoVersions(await servers.mongo())
        : new RedisVersions(await servers.redis());
  const schemas = new SchemaStore(servers.kafka, servers.config.topics.schemas, log);
  const result = await withPublisher(context, async (publisher) => {
    const work = new Replay({ servers, publisher, schemas, readers, patienceMs: options.patience * 1000 });
    let started = false;
    await inPortions(context, async (stored) => {
      // Where there is a letter, there is a topic of schemas.
      if (!started) await schemas.start();
      started = true;
      await work.portion(stored);
    });
    return work;
  }).finally(() => schemas.stop());
  report(context, result);
  const { rejected, settled, unreplayable, targets } = result;
  const pending = [...targets.values()].some((outcome) => outcome.pending > 0);
  return rejected > 0 || unreplayable > 0 || !settled || pending ? 1 : 0;
}

function report({ out, options }: Context, result: Replay): void {
  const { letters, events, rejected, settled, targets, unreplayable, listed } = result;
  if (options.json)
    return out.json({
      ...{ replayed: letters, events, rejectedAgain: rejected, settled },
      targets: Object.fromEntries(targets),
      notReplayable: unreplayable,
      notReplayableLetters: listed,
    });
  out.line(
    `replayed ${count(letters)}${events < letters ? ` as ${count(events)} events` : ''}, rejected again ${count(rejected)}${unreplayable > 0 ? `, cannot be replayed ${count(unreplayable)}` : ''}`,
  );
  if (targets.size > 0 && letters > 0)
    out.table<[TargetName, TargetOutcome]>(
      [
        { head: 'target', value: ([target]) => target },
        ...(['applied', 'superseded', 'rejected', 'pending'] as const).map((head) => ({
          head,
          value: ([, outcome]: [TargetName, TargetOutcome]) => count(outcome[head]),
          right: true,
        })),
      ],
      [...targets],
    );
  for (const { letter, why, command } of listed)
    out.note(printable(`${letter}: ${why}${command ? `: ${command}` : '.'}`));
  if (unreplayable > listed.length) out.note(`and ${count(unreplayable - listed.length)} more like these.`);
  if (!settled) out.note('The services have not worked them off yet: see tributary status.');
}

async function discard(context: Context): Promise<void> {
  const { servers, out, options } = context;
  let discarded = 0;
  await withPublisher(context, (publisher) =>
    inPortions(context, async (stored) => {
      const letters = stored.map(({ letter }) => letter);
      await markLetters(publisher, servers.config.topics.deadLetters, letters, 'discarded');
      discarded += letters.length;
    }),
  );
  if (options.json) out.json({ discarded });
  else out.line(`discarded ${count(discarded)}`);
}

/** Hands over the chosen open letters in portions of bounded size. Throws when a letter that was named is not open. */
async function inPortions(
  { servers, options, args }: Context,
  work: (portion: StoredLetter[]) => Promise<void>,
): Promise<void> {
  const open = await OpenLetters.read(servers.kafka, servers.config.topics.deadLetters);
  const ids = args[0] as readonly string[] | undefined;
  const missing = ids?.find((id) => !open.has(...placeOf(id)));
  if (missing !== undefined)
    throw fatal(
      'DLQ',
      `There is no open letter ${missing}: it was replayed or discarded already, or never was; see tributary dlq list.`,
    );
  const progress = new Progress('letters');
  let [done, bytes] = [0, 0];
  let portion: StoredLetter[] = [];
  const finishPortion = async () => {
    await work(portion);
    // One portion is over before a person has read a line about it.
    if ((done += portion.length) >= PORTION_LETTERS) progress.update('letters', done, open.count);
    [portion, bytes] = [[], 0];
  };
  try {
    for await (const stored of open.letters(options, ids && ids.length > 0 ? new Set(ids) : undefined)) {
      for (const one of stored.slice(0, options.limit - done - portion.length)) {
        portion.push(one);
        bytes += one.record.value?.length ?? 0;
        if (portion.length >= PORTION_LETTERS || bytes >= PORTION_BYTES) await finishPortion();
      }
      if (done + portion.length >= options.limit) break;
    }
    if (portion.length > 0) await finishPortion();
    progress.finish('letters');
  } finally {
    progress.stop();
  }
}

async function withPublisher<T>(
  { servers, log, out }: Context,
  work: (publisher: Publisher) => Promise<T>,
): Promise<T> {
  const publisher = new Publisher(servers.kafka, log, {
    onTrouble: ({ message }) => out.note(`Waiting: ${message}`),
  });
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
