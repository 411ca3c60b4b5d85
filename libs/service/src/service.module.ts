import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { SyncConfig } from '@tributary/sync-config';
import { HealthRegistry } from './health';
import { HealthController, InfoController, MetricsController } from './http.controllers';
import { Metrics } from './metrics';
import { ServiceContext } from './service-context';
import { ServiceInfo } from './service-info';
import { TableStates } from './table-states';

/** Token of the service's `Logger`. */
export const LOGGER = Symbol('Logger');

/** A service's own module, what every part of it may have injected, and the read-only endpoints of every service. */
@Module({})
export class ServiceModule {
  static with(context: ServiceContext, module: Type | DynamicModule): DynamicModule {
    const providers = [
      { provide: ServiceContext, useValue: context },
      { provide: ServiceInfo, useValue: context.about },
      { provide: HealthRegistry, useValue: context.health },
      { provide: Metrics, useValue: context.metrics },
      { provide: TableStates, useValue: context.tables },
      { provide: SyncConfig, useValue: context.env.config },
      { provide: LOGGER, useValue: context.log },
    ];
    return {
      module: ServiceModule,
      global: true,
      imports: [TerminusModule.forRoot({ logger: false }), module],
      controllers: [HealthController, MetricsController, InfoController],
      providers,
      exports: providers.map(({ provide }) => provide),
    };
  }
}
