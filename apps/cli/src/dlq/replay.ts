import {
  OversizeRecordError,
  type SchemaStore,
  TopicAdmin,
  type OutRecord,
  type Publisher,
} from '@tributary/kafka';
import type { VersionReader } from '@tributary/targets';
import type { StagePatience, TargetName } from '@tributary/verify';
import type { Servers } from '../servers';
import { identityOf, originalOf, type Letter } from './letter';
import { markLetters } from './marks';
import type { StoredLetter } from './open-letters';
import { whenPassed } from './passage';
import { reloadCommand } from './reload';
import { noOutcome, outcomes, rejectedAgain, rowOf, type TargetOutcome } from './replay-outcome';

/** A letter that cannot be sent again as it is, and what to do instead. */
export interface Unreplayable {
  readonly letter: string;
  readonly table: string | null;
  readonly why: string;
  readonly command?: string;
}

/** Letters without a remedy of their own that are listed; all are counted. */
const MOST_LISTED = 20;

export interface ReplayDeps {
  readonly servers: Servers;
  readonly publisher: Publisher;
  readonly schemas: SchemaStore;
  /** The targets to look into; none: nothing is waited for. */
  readonly readers: Readonly<Partial<Record<TargetName, VersionReader>>>;
  readonly patience: StagePatience;
}

/** Sends letters through the pipeline again, portion by portion, and adds up what became of them. */
export class Replay {
  letters = 0;
  /** Letters of the same event (both sinks refused it) are sent as one. */
  events = 0;
  rejected = 0;
  /** Which service has not worked off all of them, one sentence; `null`: they have. */
  waitsFor: string | null = null;
  unreplayable = 0;
  readonly listed: Unreplayable[] = [];
  readonly targets: Map<TargetName, TargetOutcome>;

  constructor(private readonly deps: ReplayDeps) {
    this.targets = new Map(
      (Object.keys(deps.readers) as TargetName[]).map((target) => [target, noOutcome()]),
    );
  }

  /** Resolves when the portion is on the topic and marked as done, and its outcome is known as far as it can be. */
  async portion(stored: readonly StoredLetter[]): Promise<void> {
    const { servers, publisher } = this.deps;
    const { topics } = servers.config;
    const portion = this.#replayable(stored);
    if (portion.size === 0) return;
    const before = await new TopicAdmin(servers.kafka).watermarks(topics.deadLetters);
    const events = new Map([...portion].map(([identity, { event }]) => [identity, event]));
    for (const identity of await this.#send(events)) {
      const { letters } = portion.get(identity)!;
      const why = `Topic ${topics.changes} takes no record of this size: raise its max.message.bytes, then replay it`;
      for (const letter of letters) this.#refuse(letter, why);
      portion.delete(identity);
      events.delete(identity);
    }
    const letters = [...portion.values()].flatMap((one) => one.letters);
    // Marked only after Kafka has them: a crash between the two replays once more, which versions allow.
    await markLetters(publisher, topics.deadLetters, letters, 'replayed');
    this.letters += letters.length;
    this.events += events.size;
    if (this.targets.size > 0 && events.size > 0) await this.#lookAt(events, before);
  }

  #replayable(stored: readonly StoredLetter[]) {
    const portion = new Map<string, { event: OutRecord; letters: Letter[] }>();
    for (const { letter, record } of stored) {
      const event = originalOf(record, letter.partition);
      const obstacle = this.#obstacle(letter, event);
      if (obstacle) {
        this.#refuse(letter, obstacle.why, obstacle.command);
        continue;
      }
      const identity = identityOf(event);
      const same = portion.get(identity);
      if (same) same.letters.push(letter);
      else portion.set(identity, { event, letters: [letter] });
    }
    return portion;
  }

  #obstacle({ table }: Letter, event: OutRecord): { why: string; command?: string } | undefined {
    const { config } = this.deps.servers;
    if (table !== null && !config.table(table))
      return { why: `No entry of the sync file matches ${table}: put it back and replay, or discard it` };
    if (event.value !== null) return undefined;
    const row = rowOf(event, config, this.deps.schemas);
    return {
      why: 'It has no value, because the row was too large for the topic: make room (max.message.bytes) or the row smaller, load the row again, then discard the letter',
      command: row ? reloadCommand(row) : 'tributary snapshot start',
    };
  }

  #refuse({ id, table }: Letter, why: string, command?: string): void {
    this.unreplayable += 1;
    if (this.listed.length < MOST_LISTED)
      this.listed.push({ letter: id, table, why, ...(command && { command }) });
  }

  /** Answers the events that the topic does not take. */
  async #send(events: ReadonlyMap<string, OutRecord>): Promise<string[]> {
    const { servers, publisher } = this.deps;
    try {
      await publisher.send(servers.config.topics.changes, [...events.values()]);
      return [];
    } catch (error) {
      if (!(error instanceof OversizeRecordError)) throw error;
      const identities = [...events.keys()];
      return error.indexes.map((index) => identities[index]!);
    }
  }

  async #lookAt(
    events: ReadonlyMap<string, OutRecord>,
    before: Awaited<ReturnType<TopicAdmin['watermarks']>>,
  ): Promise<void> {
    const { servers, readers, schemas } = this.deps;
    const { kafka, config } = servers;
    // Once the services stand still, the other portions are not waited for one after the other.
    const { patience } = this.deps;
    const left = this.waitsFor === null ? patience : { ...patience, patienceMs: 0 };
    const why = await whenPassed(kafka, config, [...this.targets.keys()], left);
    this.waitsFor ??= why ?? null;
    const again = await rejectedAgain(kafka, config.topics.deadLetters, before, events);
    this.rejected += again.size;
    for (const [target, found] of await outcomes({ config, schemas, readers }, events, again)) {
      const total = this.targets.get(target)!;
      for (const name of Object.keys(found) as (keyof TargetOutcome)[]) total[name] += found[name];
    }
  }
}
