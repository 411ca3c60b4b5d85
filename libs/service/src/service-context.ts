import type { ServiceEnv } from './env';
import { HealthRegistry } from './health';
import { createLogger, type Logger } from './logger';
import { Metrics } from './metrics';
import { ServiceInfo } from './service-info';
import { TableStates } from './table-states';

/** Makes what the parts of one running service share; `ServiceModule` provides each of them by its own class. */
export class ServiceContext {
  readonly about: ServiceInfo;
  readonly health = new HealthRegistry();
  readonly metrics: Metrics;
  readonly log: Logger;
  /** The tables that this process leaves out (R15). */
  readonly tables: TableStates;

  constructor(
    readonly app: string,
    readonly env: ServiceEnv,
  ) {
    this.about = new ServiceInfo(app, env.config.hash);
    this.metrics = new Metrics(app, env.config);
    this.log = createLogger(app, env.logLevel);
    this.tables = new TableStates(this.log, this.metrics);
    this.health.inform({ name: 'tables', read: () => this.tables.details() });
    this.about.describe(() => ({ tables: this.tables.list() }));
  }

  get instance(): string {
    return this.about.instance;
  }

  get startedAt(): Date {
    return this.about.startedAt;
  }
}
