import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { Sealer, UsersFile } from '@tributary/console-access';
import { errorText } from '@tributary/kernel';
import { LOGGER, type Logger } from '@tributary/service';
import { Authenticator } from './access/authenticator';
import { LoginLimits } from './access/login-limits';
import { OidcController } from './access/oidc.controller';
import { OidcProvider } from './access/oidc-provider';
import { SessionController } from './access/session.controller';
import { Sessions } from './access/sessions';
import { AuditController } from './audit/audit.controller';
import { AuditInterceptor } from './audit/audit.interceptor';
import { AuditTrail } from './audit/audit-trail';
import { DeadLettersController } from './dead-letters/dead-letters.controller';
import { DocsController } from './docs/docs.controller';
import { FleetController } from './fleet/fleet.controller';
import { OperationGuard } from './http/operation.guard';
import { ProblemFilter } from './http/problem.filter';
import { AuditEvents } from './live/audit-events';
import { EventHub } from './live/event-hub';
import { EventsController } from './live/events.controller';
import { LiveStatus } from './live/live-status';
import { Sampler } from './live/sampler';
import { Reveals } from './masking/reveals';
import { UseCases } from './operations/use-cases';
import { OverviewController } from './overview/overview.controller';
import { RowsController } from './rows/rows.controller';
import type { ConsoleSettings } from './settings/console-settings';
import { SETTINGS, USERS } from './settings/tokens';
import { SnapshotsController } from './snapshots/snapshots.controller';
import { TablesController } from './tables/tables.controller';
import { VerificationRuns } from './verifications/verification-runs';
import { VerificationsController } from './verifications/verifications.controller';

/** The REST API and the pages of the console. */
@Module({})
export class ConsoleModule {
  static with(settings: ConsoleSettings): DynamicModule {
    return {
      module: ConsoleModule,
      controllers: [
        ...[SessionController, OidcController, DocsController],
        ...[OverviewController, TablesController, RowsController, SnapshotsController],
        ...[VerificationsController],
        ...[DeadLettersController, FleetController, AuditController, EventsController],
      ],
      providers: [
        { provide: SETTINGS, useValue: settings },
        { provide: Sealer, useFactory: () => new Sealer(settings.secret) },
        { provide: USERS, inject: [LOGGER], useFactory: (log: Logger) => usersOf(settings, log) },
        { provide: APP_FILTER, useClass: ProblemFilter },
        ...[Authenticator, LoginLimits, OidcProvider, Sessions, OperationGuard],
        ...[
          AuditInterceptor,
          AuditTrail,
          UseCases,
          Reveals,
          EventHub,
          Sampler,
          LiveStatus,
          VerificationRuns,
          AuditEvents,
        ],
      ],
    };
  }
}

const usersOf = ({ usersFile }: ConsoleSettings, log: Logger): UsersFile | null =>
  usersFile === undefined
    ? null
    : new UsersFile(usersFile, (error) =>
        log.error({ event: 'users-file' }, `${errorText(error)} The users stay as they were.`),
      );
