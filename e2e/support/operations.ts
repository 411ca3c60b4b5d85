import {
  differencesLeft,
  listDeadLetters,
  Servers,
  traceRow,
  Verification,
  type DeadLetter,
  type Needs,
  type OperationContext,
} from '@tributary/operations';
import { targetPlugins } from '@tributary/targets';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const needs: Needs = { kafka: true, mysql: true, targets: targetPlugins };

/** As `tributary verify` without options. */
const input = { by: 'test', parallel: 2, repairRate: 500, patienceMs: 10_000, examples: 5 };

/**
 * What the command line answers, asked in the test's own process: a poll that starts a process for every look spends
 * more on starting than on looking. Connections are opened for each look, since servers may have been restarted.
 */
export class Operations {
  constructor(private readonly variables: NodeJS.ProcessEnv) {}

  /** Nothing when `tributary verify` would find both targets equal and no table suspended. */
  differences(): Promise<string | undefined> {
    return this.#on(async (context, notes) => {
      const found = await (await Verification.open(context, undefined)).once(input);
      const equal = differencesLeft(found) === 0 && found.suspended.length === 0;
      return equal ? undefined : JSON.stringify({ ...found, notes });
    });
  }

  /** All open ones. */
  async deadLetters(): Promise<readonly DeadLetter[]> {
    return this.#on(
      async (context) => (await listDeadLetters(context, { filter: {}, limit: Infinity })).newest,
    );
  }

  /** As `tributary trace` of the row with this key. */
  trace(table: string, ...key: string[]): ReturnType<typeof traceRow> {
    return this.#on((context) => traceRow(context, { table, key, searchMs: 10_000, searchBytes: 256 << 20 }));
  }

  async #on<T>(work: (context: OperationContext, notes: readonly string[]) => Promise<T>): Promise<T> {
    const servers = new Servers(needs, silent, this.variables);
    const notes: string[] = [];
    try {
      return await work({ servers, log: silent, note: (sentence) => notes.push(sentence) }, notes);
    } finally {
      await servers.close();
    }
  }
}
