import { DeadLetterStore } from '@tributary/dead-letters';
import { SchemaStore } from '@tributary/kafka';
import { readEnv, type Needs } from '@tributary/service';
import { MongoVersions, RedisVersions, type VersionReader } from '@tributary/targets';
import { usedTargets, type TargetName } from '@tributary/verify';
import { count, printable } from '../output/format';
import type { Context, DlqOptions } from './options';
import { inPortions, withPublisher } from './portions';
import { Replay } from './replay';
import type { TargetOutcome } from './replay-outcome';

/** Only the targets that the sync file uses are asked for, and none without waiting. */
export function replayNeeds({ wait }: DlqOptions): Needs {
  const targets = wait ? usedTargets(readEnv({}).config) : [];
  return { kafka: true, mongodb: targets.includes('mongo'), redis: targets.includes('redis') };
}

export async function replay(context: Context): Promise<number> {
  const { servers, options, log } = context;
  const readers: Partial<Record<TargetName, VersionReader>> = {};
  for (const target of options.wait ? usedTargets(servers.config) : [])
    readers[target] =
      target === 'mongo'
        ? new MongoVersions(await servers.mongo())
        : new RedisVersions(await servers.redis());
  const schemas = new SchemaStore(servers.kafka, servers.config.topics.schemas, log);
  const result = await withPublisher(context, async (publisher) => {
    const patience = {
      patienceMs: options.patience * 1000,
      onStage: (sentence: string) => context.out.note(sentence),
    };
    const work = new Replay({ servers, publisher, schemas, readers, patience });
    let started = false;
    await inPortions(context, async (stored) => {
      // Where there is a letter, there is a topic of schemas.
      if (!started) await schemas.start();
      started = true;
      await work.batch(stored);
    });
    return work;
  }).finally(() => schemas.stop());
  report(context, result);
  const { rejected, waitsFor, unreplayable, targets } = result;
  const pending = [...targets.values()].some((outcome) => outcome.pending > 0);
  return rejected > 0 || unreplayable > 0 || waitsFor !== null || pending ? 1 : 0;
}

function report({ out, options }: Context, result: Replay): void {
  const { letters, events, rejected, waitsFor, targets, unreplayable, listed } = result;
  if (options.json)
    return out.json({
      ...{ replayed: letters, events, rejectedAgain: rejected, settled: waitsFor === null, waitsFor },
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
  if (waitsFor !== null) out.note(`They are not all worked off yet, ${waitsFor}: see tributary status.`);
}

export async function discard(context: Context): Promise<void> {
  const { servers, out, options } = context;
  let discarded = 0;
  await withPublisher(context, (publisher) =>
    inPortions(context, async (stored) => {
      const store = new DeadLetterStore(servers.kafka, servers.config.topics);
      const deadLetters = stored.map(({ deadLetter }) => deadLetter);
      await store.resolve(publisher, deadLetters, 'discarded');
      discarded += deadLetters.length;
    }),
  );
  if (options.json) out.json({ discarded });
  else out.line(`discarded ${count(discarded)}`);
}
