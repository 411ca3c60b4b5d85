import { fatal, type SyncError } from '@tributary/kernel';
import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { ConsumerState } from './consumer-state';
import type { GroupReader } from './group-reader';
import type { BeforeCommit, OnAssigned } from './positions';
import { RoundContext, roundTransport } from './round-handler';
import type { Outcome, Round } from './rounds';
import type { Transport } from './transport';

export interface BatchServerOptions {
  readonly transport: Pick<Transport, 'group'>;
  readonly groupId: string;
  /** Topic by the name that `@RoundHandler` uses, e.g. `{ validated: config.topics.validated }`. */
  readonly topics?: Readonly<Record<string, string>>;
  /** Bytes fetched of one partition at a time (a larger record still comes, alone); default 512 KiB. */
  readonly maxBytesPerPartition?: number;
  /**
   * Bytes of one fetch, all partitions together; default 2 MiB. Decoded records take many times that: a
   * consumer with 10 MiB, the client's default, was measured at 300 MB, with 2 MiB at 220 MB and as fast.
   */
  readonly maxBytesPerFetch?: number;
  /** Most records a handler gets at once, all partitions together; default 2000. */
  readonly maxRoundRecords?: number;
  /**
   * Rounds that are not full begin at least so many ms apart; default 5. A round costs the same for one record as for
   * twenty, and the first one after a rest waits for nothing.
   */
  readonly roundEveryMs?: number;
  /** What handlers have confirmed is committed at the latest after so many ms; default 500. */
  readonly commitEveryMs?: number;
  /** Delay before a failed batch comes again; default 1 s, doubling to 30 s. */
  readonly retryDelay?: { readonly firstMs: number; readonly maxMs: number };
  /** How long `close` waits for running handlers, in ms; default 8000. */
  readonly drainMs?: number;
  /** After this long without a heartbeat Kafka gives a member's partitions to others; default 10,000. */
  readonly sessionTimeoutMs?: number;
  /** R12: where the target stands. Positions lower than the committed ones are gone back to. */
  readonly onAssigned?: OnAssigned;
  /** R12: what the target has to note before offsets are committed. */
  readonly beforeCommit?: BeforeCommit;
  /** Called once, after the reason was logged; default: `process.exit(1)`. */
  readonly onFatal?: (error: SyncError) => void;
}

type Listening = (error?: unknown) => void;

/**
 * Nest transport strategy that gives `@RoundHandler` methods the batches of all partitions that are there, and commits
 * offsets, by time, of what the handler has confirmed, never before (R12). A failed batch pauses its partition only.
 * Errors of a handler never reach the Kafka client.
 */
export class BatchServer extends Server implements CustomTransportStrategy {
  override readonly transportId = roundTransport;
  /** Handler errors are reported here, so Nest need not log them a second time. */
  override readonly propagatesEventHandlerErrors = true;
  readonly #options: BatchServerOptions;
  readonly #topics = new Map<string, string>();
  readonly #group: GroupReader;

  constructor(options: BatchServerOptions) {
    super();
    this.#options = options;
    this.#group = options.transport.group({
      groupId: options.groupId,
      topics: () => [...this.#topics.keys()],
      handle: (round, signal) => this.#handle(round, signal),
      maxBytesPerPartition: options.maxBytesPerPartition ?? 2 ** 19,
      maxBytesPerFetch: options.maxBytesPerFetch ?? 2 ** 21,
      maxRoundRecords: options.maxRoundRecords ?? 2000,
      roundEveryMs: options.roundEveryMs ?? 5,
      commitEveryMs: options.commitEveryMs ?? 500,
      retryDelay: options.retryDelay ?? { firstMs: 1000, maxMs: 30_000 },
      drainMs: options.drainMs ?? 8000,
      sessionTimeoutMs: options.sessionTimeoutMs ?? 10_000,
      ...(options.onAssigned && { onAssigned: options.onAssigned }),
      ...(options.beforeCommit && { beforeCommit: options.beforeCommit }),
      onFatal: options.onFatal ?? (() => process.exit(1)),
    });
  }

  /** For health checks and metrics; the same object for the server's whole life. */
  get state(): ConsumerState {
    return this.#group.state;
  }

  /**
   * Joins the group. Calls back when the first attempt is over, joined or not: while Kafka is away it keeps trying
   * and says so in `state.trouble`.
   */
  async listen(callback: Listening): Promise<void> {
    for (const pattern of this.messageHandlers.keys())
      this.#topics.set(this.#options.topics?.[pattern] ?? pattern, pattern);
    if (this.#topics.size === 0)
      return callback(fatal('NO_HANDLER', 'No controller has a @RoundHandler, so there is nothing to read.'));
    await this.#group.start();
    callback();
  }

  /** Waits for running handlers (bounded), commits what they confirmed and leaves the group. May be called twice. */
  async close(): Promise<void> {
    await this.#group.close();
  }

  /**
   * For a sink that sees at run time that its target has lost events: reads again from `offset` on. The batch under
   * way is not confirmed.
   */
  async rewind(topic: string, partition: number, offset: bigint): Promise<void> {
    await this.#group.rewind(topic, partition, offset);
  }

  /**
   * For a handler that draws a conclusion from what it was not given, as the end of a load does: resolves when its batch
   * came from the topic that the positions are on. Throws a SyncError `retry` when the topic was made anew meanwhile.
   */
  async confirmTopic(topic: string): Promise<void> {
    await this.#group.confirmTopic(topic);
  }

  /** For a handler that works long on one batch: it is alive and gets on. */
  progressed(): void {
    this.#group.progressed();
  }

  on(): never {
    throw new Error('BatchServer has no events: read its state');
  }

  /** The adapter's member of the group. */
  unwrap<T = GroupReader>(): T {
    return this.#group as T;
  }

  async #handle(round: Round, signal: AbortSignal): Promise<readonly Outcome[] | void> {
    const handler = this.messageHandlers.get(this.#topics.get(round[0]!.topic)!)!;
    const result: unknown = await handler(round, new RoundContext([round, signal]));
    const outcomes = isObservable(result) ? await lastValueFrom(result, { defaultValue: undefined }) : result;
    return outcomes as readonly Outcome[] | undefined;
  }
}
