import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { everyServer, Servers, type OperationContext } from '@tributary/operations';
import { LOGGER, type Logger } from '@tributary/service';
import type { Call } from '../http/call';
import { Places } from './places';

type Work<T> = (operation: OperationContext) => Promise<T>;

/** Runs use cases: each in a scope of its own, on one Kafka and one connection to each target. */
@Injectable()
export class UseCases implements OnApplicationShutdown {
  readonly servers: Servers;
  /** Each may hold a connection to MySQL and megabytes of a topic. */
  readonly #questions = new Places(24, 6);
  /** Of operators alone, so that no question keeps a change from being made. */
  readonly #changes = new Places(12, 12);

  constructor(@Inject(LOGGER) private readonly log: Logger) {
    this.servers = new Servers(everyServer(), log);
  }

  /** A question, which ends when its caller has gone. Throws what the use case throws, and a problem where too many run. */
  ask<T>({ caller, signal }: Pick<Call, 'caller' | 'signal'>, work: Work<T>): Promise<T> {
    return this.#questions.hold(caller?.name ?? '', () => this.own(work, signal));
  }

  /** A change of an operator. Throws like `ask`. */
  change<T>(work: Work<T>, signal?: AbortSignal): Promise<T> {
    return this.#changes.hold('', () => this.own(work, signal));
  }

  /** What the console does for itself, one at a time. */
  async own<T>(work: Work<T>, signal?: AbortSignal): Promise<T> {
    const servers = this.servers.scope();
    try {
      const note = (sentence: string) => this.log.debug({ event: 'note' }, sentence);
      return await work({ servers, log: this.log, note, ...(signal && { signal }) });
    } finally {
      await servers.close();
    }
  }

  onApplicationShutdown(): Promise<void> {
    return this.servers.close();
  }
}
