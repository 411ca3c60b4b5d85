import { Inject, Injectable } from '@nestjs/common';
import { mysqlError, openMysql, requireUsable } from '@tributary/capture';
import { installAtStart, type RelayContext } from '@tributary/relay';
import { GroupWatch, Heartbeats, ServiceContext, TopicHealth } from '@tributary/service';
import { SnapshotJobs } from '@tributary/snapshot';
import { ensureTopics, SchemaStore } from '@tributary/topics';
import { RecordPublisher, Transport } from '@tributary/transport';
import { DataSource } from 'typeorm';

/** What must be right before this instance leads or stands by. */
@Injectable()
export class RelayStart {
  constructor(
    @Inject(ServiceContext) private readonly context: Pick<RelayContext, 'env' | 'log'>,
    @Inject(Transport) private readonly kafka: Transport,
    @Inject(RecordPublisher) private readonly publisher: RecordPublisher,
    @Inject(SchemaStore) private readonly schemas: SchemaStore,
    @Inject(Heartbeats) private readonly heartbeats: Heartbeats,
    @Inject(TopicHealth) private readonly topics: TopicHealth,
    @Inject(GroupWatch) private readonly groups: GroupWatch,
    @Inject(DataSource) private readonly source: DataSource,
    @Inject(SnapshotJobs) private readonly jobs: SnapshotJobs,
  ) {}

  /** Nothing is changed when something is wrong (R14). Throws a SyncError, `retry` while a server is away. */
  async prepare(): Promise<void> {
    await this.#prepareServers();
    // Read once and not followed: a schema that another leader published meanwhile is only published again, and
    // kafkajs wakes up a hundred times a second for as long as a fetch is open.
    await this.schemas.start();
    await this.schemas.stop();
    await this.publisher.start();
    this.heartbeats.start();
    this.topics.start();
    this.groups.start();
  }

  async #prepareServers(): Promise<void> {
    const { env, log } = this.context;
    const connection = await openMysql(env.mysqlUrl);
    try {
      await requireUsable(connection, env.config);
      await ensureTopics(this.kafka, env.config);
      const { source, jobs } = this;
      for (const note of await installAtStart(this.context, connection, { source, jobs }))
        log.warn({ code: 'CAPTURE' }, note);
    } catch (error) {
      throw mysqlError(error); // one sentence, also where a connection broke between two queries
    } finally {
      connection.destroy();
    }
  }
}
