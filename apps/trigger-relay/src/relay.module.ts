import { Module } from '@nestjs/common';
import { getRepositoryToken } from '@nestjs/typeorm';
import { CaptureStoreModule, SnapshotJob } from '@tributary/capture-store';
import { TopicPositions } from '@tributary/relay';
import { ActivityMeter, ServiceContext } from '@tributary/service';
import { SnapshotJobs } from '@tributary/snapshot';
import type { Repository } from 'typeorm';
import { DriftGauge } from './drift-gauge';
import { IdentityReport } from './identity-report';
import { LagGauge } from './lag-gauge';
import { LogGauges } from './log-gauges';
import { RelayStart } from './relay-start';
import { RelayStatus } from './relay-status';
import { RelayTerms } from './relay-terms';
import { transport } from './relay-transport';
import { RelayService } from './relay.service';
import { SnapshotGauges } from './snapshot-gauges';
import { SOURCE_URL, SourcePing } from './source-ping';

@Module({
  imports: [
    CaptureStoreModule.forRootAsync({
      inject: [ServiceContext],
      useFactory: ({ env }: ServiceContext) => ({ url: env.mysqlUrl, schema: env.config.captureSchema }),
    }),
  ],
  providers: [
    {
      provide: SOURCE_URL,
      inject: [ServiceContext],
      useFactory: ({ env }: ServiceContext) => env.mysqlUrl,
    },
    {
      provide: SnapshotJobs,
      inject: [getRepositoryToken(SnapshotJob)],
      useFactory: (jobs: Repository<SnapshotJob>) => new SnapshotJobs(jobs),
    },
    ...transport,
    ...[ActivityMeter, TopicPositions],
    ...[DriftGauge, IdentityReport, LagGauge, LogGauges, SnapshotGauges, SourcePing],
    ...[RelayStatus, RelayStart, RelayTerms, RelayService],
  ],
})
export class RelayModule {}
