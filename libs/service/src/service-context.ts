import { randomUUID } from 'node:crypto';
import type { ServiceEnv } from './env';
import { HealthRegistry } from './health';
import { createLogger, type Logger } from './logger';
import { Metrics } from './metrics';
import { TableStates } from './table-states';
import { productVersion } from './version';

/** What the parts of one running service share; provided globally under this class as its token. */
export class ServiceContext {
  readonly startedAt = new Date();
  /** Tells instances of one app apart in heartbeats and logs. */
  readonly instance = randomUUID().slice(0, 8);
  readonly health = new HealthRegistry();
  readonly metrics: Metrics;
  readonly log: Logger;
  /** The tables that this process leaves out (R15). */
  readonly tables: TableStates;
  readonly #details: (() => Record<string, unknown>)[] = [];

  constructor(
    readonly app: string,
    readonly env: ServiceEnv,
  ) {
    this.metrics = new Metrics(app);
    this.log = createLogger(app, env.logLevel);
    this.tables = new TableStates(this.log, this.metrics);
    this.health.inform({ name: 'tables', read: () => this.tables.details() });
    this.describe(() => ({ tables: this.tables.list() }));
  }

  /** Adds members to `/info`. */
  describe(details: () => Record<string, unknown>): void {
    this.#details.push(details);
  }

  info(): Record<string, unknown> {
    const base = {
      app: this.app,
      version: productVersion,
      instance: this.instance,
      config: this.env.config.hash,
      startedAt: this.startedAt.toISOString(),
      uptimeSeconds: Math.round(process.uptime()),
    };
    return Object.assign(base, ...this.#details.map((details) => details()));
  }
}
