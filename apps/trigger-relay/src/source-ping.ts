import { Inject, Injectable } from '@nestjs/common';
import { mysqlError, openMysql, type Connection } from '@tributary/capture';

/** Token of the source's URL. */
export const SOURCE_URL = Symbol('MYSQL_URL');

/**
 * Asks the source for a sign of life on a connection of its own: a server that is frozen or cut off lets the relay's
 * statements wait without an error, and whoever asks for readiness is to hear of it.
 */
@Injectable()
export class SourcePing {
  #connection: Connection | undefined;
  #asking: Promise<void> | undefined;

  constructor(@Inject(SOURCE_URL) private readonly url: string) {}

  /** Resolves when the server answers, however long that takes; throws a SyncError when it cannot be reached. */
  ask(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  close(): void {
    this.#connection?.destroy();
  }

  async #ask(): Promise<void> {
    try {
      this.#connection ??= await openMysql(this.url);
      await this.#connection.ping();
    } catch (error) {
      this.#connection?.destroy();
      this.#connection = undefined;
      throw mysqlError(error);
    }
  }
}
