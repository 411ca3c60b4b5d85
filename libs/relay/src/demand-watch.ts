import { storePublished, type LogIdentity, type LogReader, type TopicEnds } from '@tributary/capture';
import { errorText, pause, SyncError, transient } from '@tributary/kernel';
import { EVERY_TABLE } from '@tributary/topics';
import type { RecordSender } from '@tributary/transport';
import type { SnapshotJobs } from '@tributary/snapshot';
import type { BrokerView, RelayContext, SharedNotes } from './ports';
import { canObey } from './term-identity';
import type { TopicPositions } from './topic-positions';

const EVERY_MS = 3_000;

/** Not a failure: the term is to begin again, for the reason that it says. */
export class TermEndsError extends Error {}

export interface DemandDeps {
  readonly context: Pick<RelayContext, 'env' | 'log'>;
  readonly broker: Pick<BrokerView, 'changeEnds'>;
  readonly publisher: RecordSender;
  readonly notes: SharedNotes;
  readonly identity: LogIdentity;
  readonly jobs: Pick<SnapshotJobs, 'reload'>;
  readonly reader: Pick<LogReader, 'whileLeading'>;
  readonly positions: TopicPositions;
  /** All tables that are captured now. */
  readonly tables: () => readonly string[];
}

/**
 * Looks every few seconds at what sinks ask of the source, which they cannot reach, and at whether the topics are still
 * this relay's: what asks for another epoch ends the term, and the next one begins with it (R4).
 */
export class DemandWatch {
  #refused = -1;
  readonly #topic: ReturnType<BrokerView['changeEnds']>;

  constructor(private readonly deps: DemandDeps) {
    this.#topic = deps.broker.changeEnds();
  }

  /** Until `signal` aborts. Throws a TermEndsError, or a SyncError `FOREIGN_LEADER`, when the term is to end. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        await pause(EVERY_MS, signal);
        if (signal.aborted) return;
        const known = this.deps.positions.ends;
        const ends = await this.#refresh();
        if (!ends) continue;
        this.#checkIdentity();
        this.#checkEpochs();
        this.#checkTopic(known, ends);
        await this.#load();
        await this.#keepUp(ends);
      }
    } finally {
      await this.#topic.close();
    }
  }

  /** The topic's ends; `undefined` while Kafka is away, which is no reason to end a term. */
  async #refresh(): Promise<TopicEnds | undefined> {
    const { notes, context } = this.deps;
    try {
      await notes.refresh();
      return await this.#topic.ends();
    } catch (error) {
      context.log.debug({ reason: errorText(error) }, 'the notes could not be read');
      if (error instanceof SyncError && error.kind === 'retry') return undefined;
      throw error;
    }
  }

  #checkIdentity(): void {
    const { notes, identity, context } = this.deps;
    const { topics, prefix } = context.env.config;
    const note = notes.identity;
    if (!note)
      throw new TermEndsError(
        `${topics.notes} does not name this pipeline any more, its topics were made anew: the term begins again.`,
      );
    if (note.incarnation !== identity.incarnation)
      throw transient(
        'FOREIGN_LEADER',
        `Another relay publishes another change log under the prefix ${prefix} (epoch ${note.epoch}): this term ends.`,
      );
  }

  #checkEpochs(): void {
    const { notes, identity, context } = this.deps;
    for (const { app, epoch, reason } of notes.of('epoch-above')) {
      if (epoch < identity.epoch) continue;
      if (canObey(epoch, identity.epoch))
        throw new TermEndsError(
          `${app} asks for an epoch above ${epoch}, the term begins again with it: ${reason}`,
        );
      if (this.#refused !== epoch)
        context.log.error(
          { event: 'epoch-refused', app },
          `${app} asks for an epoch above ${epoch}, which would use up those that are left: ${reason}`,
        );
      this.#refused = epoch;
    }
  }

  /** `known`: what Kafka had acknowledged before it was asked for its ends. */
  #checkTopic(known: TopicEnds, ends: TopicEnds): void {
    const { changes } = this.deps.context.env.config.topics;
    for (const [partition, end] of known)
      if (end > (ends.get(partition) ?? 0n))
        throw new TermEndsError(
          `Partition ${partition} of ${changes} lacks records that Kafka had acknowledged: the term begins again.`,
        );
  }

  /** A note is taken back when its load is queued: a crash in between queues it once more, which costs nothing. */
  async #load(): Promise<void> {
    const { notes, jobs, publisher, context } = this.deps;
    for (const note of notes.of('load')) {
      const tables = note.table === EVERY_TABLE ? this.deps.tables() : [note.table];
      for (const table of tables) await jobs.reload(table);
      context.log.info(
        { event: 'load-demanded', table: note.table, app: note.app },
        `${note.app} asks for a load of ${note.table === EVERY_TABLE ? 'every table' : note.table}: ${note.reason}`,
      );
      await notes.remove(publisher, note);
    }
  }

  /**
   * What others put on the topic (dead letters that are replayed) is passed, so that it is not compared with the log in
   * the next term. Every record up to here was published by this log, or is no matter of it.
   */
  async #keepUp(ends: TopicEnds): Promise<void> {
    const { positions, reader } = this.deps;
    for (const [partition, end] of ends) positions.note(partition, end);
    const text = positions.next();
    if (text !== undefined) await reader.whileLeading((...lead) => storePublished(...lead, text));
  }
}
