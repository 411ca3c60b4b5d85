import { hostname } from 'node:os';
import { Inject, Injectable } from '@nestjs/common';
import { LogReader } from '@tributary/capture';
import { DeadLetterWriter } from '@tributary/dead-letters';
import { kafkaView, leadTerm, TopicPositions, type RelayContext } from '@tributary/relay';
import { ActivityMeter, PausedTables, ServiceContext } from '@tributary/service';
import { SnapshotJobs } from '@tributary/snapshot';
import { PipelineNotes, SchemaStore } from '@tributary/topics';
import { RecordPublisher, Transport } from '@tributary/transport';
import { DataSource } from 'typeorm';
import { DriftGauge } from './drift-gauge';
import { IdentityReport } from './identity-report';
import { LogGauges } from './log-gauges';
import { RelayStatus } from './relay-status';
import { SnapshotGauges } from './snapshot-gauges';
import { VerifyGauge } from './verify-gauge';

const STANDBY_WAIT_SECONDS = 1;

/** Waits for the lead, and leads: one instance at a time reads the log. */
@Injectable()
export class RelayTerms {
  constructor(
    @Inject(ServiceContext) private readonly context: RelayContext,
    @Inject(RelayStatus) private readonly status: RelayStatus,
    @Inject(Transport) private readonly kafka: Transport,
    @Inject(RecordPublisher) private readonly publisher: RecordPublisher,
    @Inject(SchemaStore) private readonly schemas: SchemaStore,
    @Inject(PipelineNotes) private readonly notes: PipelineNotes,
    @Inject(PausedTables) private readonly paused: PausedTables,
    @Inject(TopicPositions) private readonly positions: TopicPositions,
    @Inject(ActivityMeter) private readonly activity: ActivityMeter,
    @Inject(LogGauges) private readonly gauges: LogGauges,
    @Inject(VerifyGauge) private readonly verified: VerifyGauge,
    @Inject(DriftGauge) private readonly drift: DriftGauge,
    @Inject(SnapshotGauges) private readonly loads: SnapshotGauges,
    @Inject(IdentityReport) private readonly report: IdentityReport,
    @Inject(DataSource) private readonly source: DataSource,
    @Inject(SnapshotJobs) private readonly jobs: SnapshotJobs,
  ) {}

  /** Resolves when a term has ended because `signal` aborts; throws why it ended otherwise. */
  async leadOrWait(signal: AbortSignal): Promise<void> {
    const { env, log } = this.context;
    const owner = `${hostname()}:${process.pid}`;
    const { mysqlUrl, config } = env;
    const reader = await LogReader.open({ url: mysqlUrl, captureSchema: config.captureSchema, owner });
    try {
      while (!signal.aborted) {
        if (await reader.acquireLease(STANDBY_WAIT_SECONDS)) {
          log.info({ owner }, 'leads the change log');
          await this.#lead(reader, signal);
          return;
        }
        const leader = await reader.leader();
        this.gauges.clear();
        this.drift.clear();
        if (this.status.standsBy(leader))
          log.info({ leader }, `stands by: ${leader ?? 'another instance'} leads`);
      }
    } finally {
      this.status.ended();
      await reader.close();
    }
  }

  #lead(reader: LogReader, signal: AbortSignal): Promise<void> {
    const {
      context,
      publisher,
      schemas,
      notes,
      positions,
      activity,
      gauges,
      verified,
      drift,
      loads,
      report,
    } = this;
    const { source, jobs, status, paused } = this;
    const { config } = context.env;
    return leadTerm(
      {
        ...{
          context,
          reader,
          publisher,
          schemas,
          notes,
          positions,
          activity,
          gauges,
          verified,
          loads,
          report,
        },
        ...{ drift, paused, store: { source, jobs } },
        broker: kafkaView(this.kafka, config),
        deadLetters: new DeadLetterWriter(publisher, config.topics.deadLetters, context.app),
        onLeading: () => status.leads(),
      },
      signal,
    );
  }
}
