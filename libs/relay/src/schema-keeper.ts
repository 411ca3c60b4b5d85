import type { RowSchema } from '@tributary/contract';
import { pause, SyncError } from '@tributary/kernel';
import type { RecordSender } from '@tributary/transport';
import type { BrokerView, PublishedSchemas, RelayContext } from './ports';

const EVERY_MS = 3_000;

export interface SchemaKeeperDeps {
  readonly context: Pick<RelayContext, 'env' | 'log'>;
  readonly broker: Pick<BrokerView, 'topicWatch'>;
  readonly publisher: RecordSender;
  /** As it was read when the process started. */
  readonly schemas: Pick<PublishedSchemas, 'all' | 'topicId' | 'publish'>;
  /** Of every shape that entries of the log may name. */
  readonly registered: () => Promise<readonly RowSchema[]>;
  /** Of the encoders of this term. */
  readonly inUse: () => readonly RowSchema[];
}

/**
 * Publishes every schema again when the schemas topic was made anew: events that name them are on the other topics, and
 * would be dead letters.
 */
export class SchemaKeeper {
  #topicId: string | null;

  constructor(private readonly deps: SchemaKeeperDeps) {
    this.#topicId = deps.schemas.topicId;
  }

  /** Until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const watch = this.deps.broker.topicWatch();
    try {
      // The topic may have been empty when it was read: events of before name schemas that no entry of now does.
      for (let missing = true; !signal.aborted;) {
        try {
          await this.#look(watch, missing);
          missing = false;
        } catch (error) {
          if (!(error instanceof SyncError) || error.kind !== 'retry') throw error;
          this.deps.context.log.debug({ reason: error.message }, 'the schemas topic could not be looked at');
        }
        await pause(EVERY_MS, signal);
      }
    } finally {
      await watch.close();
    }
  }

  async #look(watch: ReturnType<BrokerView['topicWatch']>, missing: boolean): Promise<void> {
    const { context, schemas, registered, inUse } = this.deps;
    const id = await watch.idOf(context.env.config.topics.schemas);
    const anew = id !== null && this.#topicId !== null && id !== this.#topicId;
    if (!anew && !missing) return;
    const all = new Map(
      [...schemas.all(), ...(await registered()), ...inUse()].map((schema) => [schema.fingerprint, schema]),
    );
    if (!anew) for (const { fingerprint } of schemas.all()) all.delete(fingerprint);
    await Promise.all([...all.values()].map((schema) => schemas.publish(this.deps.publisher, schema)));
    this.#topicId = id ?? this.#topicId;
    if (anew)
      context.log.warn(
        { event: 'schemas-published', schemas: all.size },
        `Topic ${context.env.config.topics.schemas} was made anew: ${all.size} schema(s) were published again`,
      );
  }
}
