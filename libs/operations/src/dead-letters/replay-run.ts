import {
  DeadLetterStore,
  eventIdentity,
  originalRecord,
  type DeadLetter,
  type RejectedEvent,
  type StoredDeadLetter,
} from '@tributary/dead-letters';
import type { SchemaStore } from '@tributary/topics';
import type { OutRecord, RecordPublisher, TopicAdmin } from '@tributary/transport';
import type { VersionReader } from '@tributary/targets';
import type { TargetName } from '@tributary/sync-config';
import type { StagePatience } from '@tributary/verify';
import type { Servers } from '../servers';
import { reloadCommand } from './reload-command';
import { noOutcome, outcomes, rejectedAgain, rowOf, type TargetOutcome } from './replay-outcome';
import { waitForDrain } from './wait-for-drain';

/** A dead letter that cannot be sent again as it is, and what to do instead. */
export interface NotReplayable {
  readonly letter: string;
  readonly table: string | null;
  readonly why: string;
  readonly command?: string;
}

/** What became of the dead letters of a replay. */
export interface ReplayResult {
  readonly replayed: number;
  /** Dead letters of the same event (both sinks rejected it) are sent as one. */
  readonly events: number;
  readonly rejectedAgain: number;
  /** Which service has not worked off all of them, one sentence; `null`: they have. */
  readonly waitsFor: string | null;
  readonly targets: ReadonlyMap<TargetName, TargetOutcome>;
  readonly notReplayable: number;
  /** The first of them. */
  readonly listed: readonly NotReplayable[];
}

/** Of those that cannot be replayed so many are listed; all are counted. */
const MOST_LISTED = 20;

export interface ReplayDeps {
  readonly servers: Servers;
  readonly publisher: RecordPublisher;
  readonly schemas: SchemaStore;
  /** The targets to look into; none: nothing is waited for. */
  readonly readers: ReadonlyMap<TargetName, VersionReader>;
  readonly patience: StagePatience;
}

/** Sends dead letters through the pipeline again, batch by batch, and adds up what became of them. */
export class ReplayRun {
  #replayed = 0;
  #events = 0;
  #rejectedAgain = 0;
  #waitsFor: string | null = null;
  #notReplayable = 0;
  readonly #listed: NotReplayable[] = [];
  readonly #targets: Map<TargetName, TargetOutcome>;
  readonly #store: DeadLetterStore;

  constructor(private readonly deps: ReplayDeps) {
    this.#store = new DeadLetterStore(deps.servers.kafka, deps.servers.config.topics);
    this.#targets = new Map([...deps.readers.keys()].map((target) => [target, noOutcome()]));
  }

  get result(): ReplayResult {
    return {
      ...{ replayed: this.#replayed, events: this.#events, rejectedAgain: this.#rejectedAgain },
      ...{ waitsFor: this.#waitsFor, targets: this.#targets },
      ...{ notReplayable: this.#notReplayable, listed: this.#listed },
    };
  }

  /** Resolves when the batch is on the topic and resolved, and its outcome is known as far as it can be. */
  async batch(stored: readonly StoredDeadLetter[]): Promise<void> {
    const { servers, publisher } = this.deps;
    const events = this.#replayable(stored);
    if (events.size === 0) return;
    const before = await this.#store.ends();
    for (const identity of await this.#store.replay(publisher, events)) {
      const { deadLetters } = events.get(identity)!;
      const why = `Topic ${servers.config.topics.changes} takes no record of this size: raise its max.message.bytes, then replay it`;
      for (const deadLetter of deadLetters) this.#refuse(deadLetter, why);
      events.delete(identity);
    }
    for (const { deadLetters } of events.values()) this.#replayed += deadLetters.length;
    this.#events += events.size;
    const sent = new Map([...events].map(([identity, { event }]) => [identity, event]));
    if (this.#targets.size > 0 && sent.size > 0) await this.#lookAt(sent, before);
  }

  #replayable(stored: readonly StoredDeadLetter[]): Map<string, RejectedEvent> {
    const events = new Map<string, RejectedEvent>();
    for (const { deadLetter, record } of stored) {
      const event = originalRecord(record, deadLetter.partition);
      const obstacle = this.#obstacle(deadLetter, event);
      if (obstacle) {
        this.#refuse(deadLetter, obstacle.why, obstacle.command);
        continue;
      }
      const identity = eventIdentity(event);
      const same = events.get(identity);
      if (same) same.deadLetters.push(deadLetter);
      else events.set(identity, { event, deadLetters: [deadLetter] });
    }
    return events;
  }

  #obstacle({ table }: DeadLetter, event: OutRecord): { why: string; command?: string } | undefined {
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

  #refuse({ id, table }: DeadLetter, why: string, command?: string): void {
    this.#notReplayable += 1;
    if (this.#listed.length < MOST_LISTED)
      this.#listed.push({ letter: id, table, why, ...(command && { command }) });
  }

  async #lookAt(
    events: ReadonlyMap<string, OutRecord>,
    before: Awaited<ReturnType<TopicAdmin['watermarks']>>,
  ): Promise<void> {
    const { servers, readers, schemas } = this.deps;
    const { kafka, config } = servers;
    // Once the services stand still, the other batches are not waited for one after the other.
    const { patience } = this.deps;
    const left = this.#waitsFor === null ? patience : { ...patience, patienceMs: 0 };
    const why = await waitForDrain(kafka, config, [...this.#targets.keys()], left);
    this.#waitsFor ??= why ?? null;
    const again = await rejectedAgain(this.#store, before, events, config);
    this.#rejectedAgain += again.size;
    for (const [target, found] of await outcomes({ config, schemas, readers }, events, again)) {
      const total = this.#targets.get(target)!;
      for (const name of Object.keys(found) as (keyof TargetOutcome)[]) total[name] += found[name];
    }
  }
}
