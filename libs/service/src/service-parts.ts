import type { FactoryProvider, InjectionToken } from '@nestjs/common';
import { Metrics } from './metrics';
import { ServiceContext } from './service-context';

export const LOGGER = Symbol('service logger');
export const SYNC_CONFIG = Symbol('sync file');

const part = (
  provide: InjectionToken,
  useFactory: (context: ServiceContext) => unknown,
): FactoryProvider => ({ provide, inject: [ServiceContext], useFactory });

/** Parts of a ServiceContext by tokens of their own, for providers that need no more of it. */
export const serviceParts: FactoryProvider[] = [
  part(Metrics, ({ metrics }) => metrics),
  part(LOGGER, ({ log }) => log),
  part(SYNC_CONFIG, ({ env }) => env.config),
];
