import { fatal, type SyncError } from '@tributary/kernel';
import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { ConsumerState } from './consumer-state';
import type { GroupReader } from './group-reader';
import type { BeforeCommit, OnAssigned } from './positions';
import { RoundContext, roundTransport } from './round-handler';
import type { Outcome, Round } from './rounds';
import type { Transport } from './transport';
import type { WorkAhead } from './work-ahead';

export interface BatchServerOptions {
  readonly transport: Pick<Transport, 'group'>;
  readonly groupId: string;
  /**
   * Topic by the name that `@RoundHandler` uses, e.g. `{ validated: config.topics.validated }`. With it handlers of these
   * names alone are this server's.
   */
  readonly topics?: Readonly<Record<string, string>>;
  /** Bytes fetched of one partition at a time (a larger record still comes, alone); default 512 KiB. */
  readonly maxBytesPerPartition?: number;
  /**
   * Bytes of one fetch, all partitions together; default 2 MiB. Decoded records take many times that: a
   * consumer with 10 MiB, the client's default, was measured at 300 MB, with 2 MiB at 220 MB and as fast.
   */
  readonly maxBytesPerFetch?: number;
  /** Most records a handler gets at once, all partitions together; default 2000, behind another server 1000. */
  readonly maxRoundRecords?: number;
  /** Whether batches are handed over whole where a round holds them, to be passed on as they stand; default false. */
  readonly keepsBatches?: boolean;
  /**
   * Rounds that are not full begin at least so many ms apart; default 5. A round costs the same for one record as for
   * twenty, and the first one after a rest waits for nothing.
   */
  readonly roundEveryMs?: number;
  /** How long the broker waits for a first record, ms; default 1000. An idle `close` takes up to that. */
  readonly maxWaitMs?: number;
  /**
   * The server that comes first in this process. No round begins while that has records at work or waiting, and one round is
   * worked on at a time, of about 30 ms of processor time at most (and 0.2 s in all, while that has had work lately), so that it
   * waits for one small round. Default: none.
   */
  readonly behind?: Pick<BatchServer, 'work'>;
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

/** A round that a server which comes first may have to wait for. */
const ROUND_BEHIND = {
  beside: { busyMs: 30, wholeMs: 200 },
  alone: { busyMs: 30, wholeMs: 2000 },
};
const RECORDS_BEHIND = 1000;

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
      maxRoundRecords: options.maxRoundRecords ?? (options.behind ? RECORDS_BEHIND : 2000),
      keepsBatches: options.keepsBatches ?? false,
      roundEveryMs: options.roundEveryMs ?? 5,
      maxWaitMs: options.maxWaitMs ?? 1000,
      ...(options.behind && { behind: { work: options.behind.work, time: ROUND_BEHIND } }),
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

  /** For servers that stand behind this one. */
  get work(): WorkAhead {
    return this.#group.work;
  }

  /**
   * Joins the group. Calls back when the first attempt is over, joined or not: while Kafka is away it keeps trying
   * and says so in `state.trouble`.
   */
  async listen(callback: Listening): Promise<void> {
    const { topics } = this.#options;
    for (const pattern of this.messageHandlers.keys())
      if (!topics || Object.hasOwn(topics, pattern)) this.#topics.set(topics?.[pattern] ?? pattern, pattern);
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
