import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { everyServer, Servers, type OperationContext } from '@tributary/operations';
import { LOGGER, type Logger } from '@tributary/service';
import { ApiProblem } from '../http/api-problem';

/** Calls that are worked on at once: each may hold a connection to MySQL and megabytes of a topic. */
const MOST = 24;

/** Runs use cases: each in a scope of its own, on one Kafka and one connection to each target. */
@Injectable()
export class UseCases implements OnApplicationShutdown {
  readonly servers: Servers;
  #running = 0;

  constructor(@Inject(LOGGER) private readonly log: Logger) {
    this.servers = new Servers(everyServer(), log);
  }

  /** Throws what the use case throws, and a problem 503 when too many run. */
  async run<T>(work: (operation: OperationContext) => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.#running >= MOST)
      throw new ApiProblem(503, 'BUSY', `The console works on ${MOST} calls already: try again.`, undefined, {
        'retry-after': '2',
      });
    const servers = this.servers.scope();
    this.#running += 1;
    try {
      const note = (sentence: string) => this.log.debug({ event: 'note' }, sentence);
      return await work({ servers, log: this.log, note, ...(signal && { signal }) });
    } finally {
      this.#running -= 1;
      await servers.close();
    }
  }

  onApplicationShutdown(): Promise<void> {
    return this.servers.close();
  }
}
