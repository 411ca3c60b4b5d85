import { Connection as CoreConnection } from 'mysql2';

/** What the commands of mysql2 hold of a query. */
interface QueryCommand {
  readonly sql?: string;
}

/** A round trip to the source: the statements in it, shortened. */
export type RoundTrip = readonly string[];

/** Writes down every query that this process sends under one account, by round trip. */
export class StatementLog {
  readonly #trips: RoundTrip[] = [];
  readonly #spy: jest.SpyInstance;

  constructor(account: string) {
    const prototype = CoreConnection.prototype as unknown as { addCommand(command: QueryCommand): unknown };
    const { addCommand } = prototype;
    const trips = this.#trips;
    this.#spy = jest.spyOn(prototype, 'addCommand').mockImplementation(function (this: unknown, command) {
      const { config } = this as { config: { user?: string } };
      if (command.sql && config.user === account) trips.push(command.sql.split(/;\s*/).map(short));
      return addCommand.call(this, command);
    });
  }

  /** What was sent since the last call. */
  take(): RoundTrip[] {
    return this.#trips.splice(0);
  }

  stop(): void {
    this.#spy.mockRestore();
  }
}

/** Verb and object. */
const short = (statement: string) =>
  statement
    .trim()
    .replaceAll('`', '')
    .replace(/\s+/g, ' ')
    .replace(/^SELECT .*? FROM (\S+).*$/, 'SELECT $1')
    .replace(/^CALL ([^(]+).*$/, 'CALL $1')
    .replace(/^(UPDATE|DELETE FROM|INSERT INTO) (\S+).*$/, '$1 $2')
    .replace(/^DELETE l FROM .*$/, 'DELETE l')
    .replace(/^EXECUTE .*$/, 'EXECUTE')
    .replace(/tributary_relay\w+\./g, '');
