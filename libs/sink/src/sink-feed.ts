import type { InRecord } from '@tributary/transport';
import {
  BatchServer,
  type AssignedPartitions,
  type Positions,
  type Round,
  type Standing,
  type TopicAdmin,
  type Transport,
} from '@tributary/transport';
import { loadsReading, type ServiceContext, type TopicHealth } from '@tributary/service';
import {
  Backlog,
  backlogGroup,
  loadsNotes,
  PositionKeeper,
  SinkHandler,
  type ConnectedTarget,
  type Feed,
  type Loss,
  type SinkParts,
} from '@tributary/targets';
import type { CanaryGauge } from './canary-gauge';
import { kafkaOffsets } from './kafka-offsets';
import { ResumedTables } from './resumed-tables';
import type { SinkReport } from './sink-report';
import { TopicChange } from './topic-change';

/** What handlers of both feeds need of the target and the rest of the sink, once it is known whose pipeline this is. */
export interface FeedWork {
  /** Under which the target keeps the notes of this sink's group. */
  readonly notesGroup: string;
  readonly target: Pick<ConnectedTarget, 'positions' | 'sweepNotes'>;
  readonly handler: Omit<
    SinkParts<InRecord>,
    'feed' | 'positions' | 'leavesOut' | 'leftOutPaused' | 'confirmTopic' | 'onLoss' | 'rewind' | 'onProgress'
  >;
}

export interface SinkFeedParts {
  readonly context: ServiceContext;
  readonly kafka: Transport;
  readonly admin: TopicAdmin;
  readonly report: SinkReport;
  readonly topics: Pick<TopicHealth, 'lost' | 'demandLoads'>;
  readonly feed: Feed;
  readonly groupId: string;
  /** The name that the handler has in `@RoundHandler`. */
  readonly pattern: string;
  readonly topic: string;
  /** The tables that are left out of what this feed brings. */
  readonly paused: () => ReadonlySet<string>;
  /** Of the feed that canaries come by. */
  readonly canary?: CanaryGauge;
  /** The feed that comes first. */
  readonly behind?: SinkFeed;
  /** Throws AwaitsWork while nobody has said whose pipeline this is, and a SyncError `retry` while a server is away. */
  readonly begun: () => Promise<FeedWork>;
}

/** What needs the target. */
interface Work {
  readonly keeper: PositionKeeper;
  readonly handler: SinkHandler<InRecord>;
  readonly topicChange: TopicChange;
  readonly resumed: ResumedTables;
}

/** One of the two topics that a sink reads: its consumer, and where the target stands on it (R12). */
export class SinkFeed {
  readonly server: BatchServer;
  readonly topic: string;
  readonly #parts: SinkFeedParts;
  #work: Work | undefined;

  constructor(parts: SinkFeedParts) {
    const { kafka, groupId, pattern, topic, behind } = parts;
    this.#parts = parts;
    this.topic = topic;
    this.server = new BatchServer({
      ...{ transport: kafka, groupId },
      topics: { [pattern]: topic },
      onAssigned: (assignment, standing) => this.#assigned(assignment, standing),
      beforeCommit: (offsets) => this.#note(offsets),
      ...(behind && { behind: behind.server, ...loadsReading }),
    });
  }

  /** Handles one round of its topic. Throws a SyncError `retry` when it has to come again. */
  async handle(round: Round, signal: AbortSignal): Promise<void> {
    const { report, feed, canary } = this.#parts;
    const started = performance.now();
    const done = await this.#started.handler.handle(round, signal);
    canary?.handled(round);
    report.round(feed, done, (performance.now() - started) / 1000);
  }

  /** Looks at the target's own notes, since an idle partition has no batch that would (R12). Throws a SyncError `retry`. */
  async check(): Promise<void> {
    if (!this.#work || !this.server.state.joined) return;
    for (const loss of await this.#work.keeper.check()) {
      this.#parts.report.loss(this.topic, loss);
      await this.#work.handler.rewindToTarget(this.topic, loss);
    }
  }

  /** Goes back for tables that are paused no longer. Throws a SyncError `retry`. */
  async lookAtResumed(): Promise<void> {
    if (this.#work && this.server.state.joined) await this.#work.resumed.look();
  }

  get #started(): Work {
    if (!this.#work) throw new Error('not connected yet');
    return this.#work;
  }

  #workOn({ notesGroup, target, handler: shared }: FeedWork): Work {
    const { context, admin, groupId, feed, topic, paused, topics } = this.#parts;
    const { server } = this;
    const group = feed === 'live' ? notesGroup : loadsNotes(notesGroup);
    const store = target.positions(group, topic);
    const keeper = new PositionKeeper(store, kafkaOffsets(admin, groupId, topic));
    const handler: SinkHandler<InRecord> = new SinkHandler<InRecord>({
      ...{ ...shared, feed, positions: keeper },
      leavesOut: () => resumed.leavesOut(),
      leftOutPaused: (...of) => resumed.leftOut(...of),
      onProgress: () => server.progressed(),
      confirmTopic: (of) => server.confirmTopic(of),
      onLoss: (loss) => this.#makeWhole(loss),
      rewind: (of, partition, offset) => server.rewind(of, partition, offset),
    });
    const resumed = new ResumedTables({
      ...{ topic, log: context.log, keeper, handler, paused },
      backlog: new Backlog(target.sweepNotes(backlogGroup(group))),
      demandLoad: (table, reason) => topics.demandLoads(reason, table),
    });
    const topicChange = new TopicChange({
      ...{ topic, store, handler, health: topics, resumed },
      lows: () => keeper.oldest(),
    });
    return { keeper, handler, topicChange, resumed };
  }

  async #assigned(assignment: AssignedPartitions, standing: Standing): Promise<Positions> {
    const shared = await this.#parts.begun();
    const { keeper, topicChange, resumed } = (this.#work ??= this.#workOn(shared));
    const partitions = assignment.get(this.topic) ?? [];
    const committed = await topicChange.assigned(partitions, standing);
    const losses = await keeper.assigned(partitions, committed);
    for (const loss of losses) {
      this.#parts.report.loss(this.topic, loss);
      await this.#makeWhole(loss);
    }
    await resumed.assigned(partitions);
    this.#parts.canary?.assigned(partitions);
    return new Map([[this.topic, new Map(losses.map(({ partition, offset }) => [partition, offset]))]]);
  }

  /** R12: the target notes what it holds before Kafka hears that it was done. */
  async #note(offsets: Positions): Promise<void> {
    const { keeper, handler } = this.#started;
    const { canary, report } = this.#parts;
    const next = offsets.get(this.topic) ?? new Map<number, bigint>();
    const losses = await keeper.note([...next.keys()]);
    for (const { partition } of losses) canary?.rewound(partition);
    canary?.noted(next);
    for (const loss of losses) {
      report.loss(this.topic, loss);
      await handler.rewindToTarget(this.topic, loss);
    }
  }

  /** What neither the target nor Kafka has any more only a load brings back. */
  async #makeWhole({ partition, needsSnapshot }: Loss): Promise<void> {
    this.#work?.resumed.lost();
    if (needsSnapshot)
      await this.#parts.topics.demandLoads(
        `the target lacks events of partition ${partition} of ${this.topic} that Kafka may not have any more`,
      );
  }
}
