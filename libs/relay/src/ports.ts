import type { DeadLetterWriter } from '@tributary/dead-letters';
import type { GroupLag, Heartbeat, PipelineNotes, SchemaStore } from '@tributary/topics';
import type { StartOf, TopicEndsReader, TopicPiece, TopicWatch } from '@tributary/transport';
import type { ServiceContext, ServiceEnv } from '@tributary/service';
import type { SnapshotJobs } from '@tributary/snapshot';
import type { DataSource } from 'typeorm';

/** What a relay's parts share with the process that they run in. */
export interface RelayContext extends Pick<
  ServiceContext,
  'app' | 'instance' | 'log' | 'metrics' | 'tables'
> {
  readonly env: Pick<ServiceEnv, 'config' | 'mysqlUrl'>;
}

export type DeadLetterSender = Pick<DeadLetterWriter, 'send'>;
/** The schemas that were on their topic when the process started, and the way to put more there. */
export type PublishedSchemas = Pick<SchemaStore, 'get' | 'all' | 'topicId' | 'publish'>;
export type SharedNotes = Pick<PipelineNotes, 'refresh' | 'identity' | 'of' | 'put' | 'remove'>;

/** The jobs of the capture schema, and their data source, which is initialised while the jobs are worked with. */
export interface JobStore {
  readonly source: Pick<DataSource, 'initialize' | 'destroy'>;
  readonly jobs: SnapshotJobs;
}

/** What the relay looks at in Kafka; errors are SyncErrors, `retry` while Kafka is away. */
export interface BrokerView {
  /** Records of a topic from where `start` says up to its present end, in bounded pieces. */
  spans(topic: string, start: StartOf, maxBytes: number): AsyncIterable<TopicPiece>;
  heartbeats(): Promise<readonly Heartbeat[]>;
  /** Where the topic of changes ends, to be asked again and again. */
  changeEnds(): Pick<TopicEndsReader, 'ends' | 'close'>;
  /** Whether a topic is still the one that it was. */
  topicWatch(): Pick<TopicWatch, 'idOf' | 'close'>;
  /** How far the stages behind the relay are behind it. */
  lag(): Pick<GroupLag, 'read' | 'slowest' | 'close'>;
}
