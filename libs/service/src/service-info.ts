import { randomUUID } from 'node:crypto';
import { productVersion } from './version';

/** What `/info` tells: who this process is, and what its parts add. */
export class ServiceInfo {
  readonly startedAt = new Date();
  /** Tells instances of one app apart in heartbeats and logs. */
  readonly instance = randomUUID().slice(0, 8);
  readonly #details: (() => Record<string, unknown>)[] = [];

  constructor(
    readonly app: string,
    private readonly configHash: string,
  ) {}

  /** Adds members to `/info`. */
  describe(details: () => Record<string, unknown>): void {
    this.#details.push(details);
  }

  read(): Record<string, unknown> {
    const base = {
      app: this.app,
      version: productVersion,
      instance: this.instance,
      config: this.configHash,
      startedAt: this.startedAt.toISOString(),
      uptimeSeconds: Math.round(process.uptime()),
    };
    return Object.assign(base, ...this.#details.map((details) => details()));
  }
}
