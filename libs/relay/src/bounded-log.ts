import {
  ALL_UNREAD,
  LogBound,
  oldestTransactions,
  namesOf,
  RollingFloor,
  UnreadIds,
  type Connection,
  type LogEntry,
  type LogReader,
  type LogWatcher,
} from '@tributary/capture';
import type { RelayContext } from './ports';

const FLOOR_PAUSE_MS = 2_000;
const TELL_MS = 60_000;
/**
 * A log in which nothing was found for so long is looked at less often: a look costs the source 0.2 to 0.6 ms with its pause,
 * so a hundred a second are some percent of a core for nothing. The first change after a rest waits for up to the step.
 */
const rests = [
  { afterMs: 10_000, stepSeconds: 0.05 },
  { afterMs: 2_000, stepSeconds: 0.025 },
] as const;

/**
 * The log as the publishing loop reads it and waits for it: but for ids that were read before, and from a safe lower bound
 * where looks are slow all the same (R13). The whole of it is looked at now and then, since an account can choose an id.
 */
export class BoundedLog {
  readonly #bound: LogBound;
  readonly #ids = new UnreadIds();
  #toldAt = -Infinity;
  #foundAt = -Infinity;

  constructor(
    private readonly context: RelayContext,
    private readonly reader: Pick<LogReader, 'readBatch'>,
    private readonly watcher: Pick<LogWatcher, 'wait'>,
    private readonly connection: Connection,
    private readonly now: () => number = () => performance.now(),
  ) {
    const { mysqlUrl, config } = context.env;
    this.#bound = new LogBound(new RollingFloor(mysqlUrl, config.captureSchema, FLOOR_PAUSE_MS));
  }

  /** How long the last look at the whole log took, seconds. */
  get lookSeconds(): number {
    return this.#bound.wholeMs / 1000;
  }

  /** The next entries but for those that are held. */
  async readBatch(limit: number, maxBytes: number, held: readonly bigint[]): Promise<LogEntry[]> {
    const look = this.#bound.next();
    const unread = look.whole ? ALL_UNREAD : this.#ids.above(look.above);
    const startedAt = performance.now();
    const besides = look.whole ? held : held.filter((id) => this.#ids.isUnread(id));
    const entries = await this.reader.readBatch(limit, maxBytes, unread, besides);
    const ms = performance.now() - startedAt;
    const ids = entries.map(({ id }) => id);
    // An id that was read, acknowledged, and is there again.
    if (ids.some((id) => !this.#ids.isUnread(id))) this.#ids.clear();
    this.#ids.read(ids);
    if (ids.length > 0) this.#foundAt = this.now();
    await this.#bound.looked(look, ids[0] ?? null, ids.length, ms);
    if (this.#bound.slow) void this.#tell();
    return entries;
  }

  /** Resolves when there are more entries than those that are held, and after so many seconds in any case. */
  wait(held: readonly bigint[], seconds: number): Promise<void> {
    const { above: bound, stepSeconds } = this.#bound;
    const restedMs = this.now() - this.#foundAt;
    const rest = rests.find(({ afterMs }) => restedMs > afterMs);
    const step = Math.max(stepSeconds, rest?.stepSeconds ?? 0);
    const above = this.#ids.soon > bound ? this.#ids.soon : bound;
    const known = held.filter((id) => id > above).length;
    return this.watcher.wait({ above, held: known, step, seconds });
  }

  stop(): Promise<void> {
    return this.#bound.stop();
  }

  async #tell(): Promise<void> {
    if (performance.now() - this.#toldAt < TELL_MS) return;
    this.#toldAt = performance.now();
    const oldest = await oldestTransactions(this.connection).catch(() => []);
    const who = oldest.length > 0 ? `; the oldest transactions are ${namesOf(oldest)}` : '';
    this.context.log.warn(
      { event: 'log-looks-slow', milliseconds: Math.round(this.#bound.wholeMs) },
      `a look at the change log takes ${Math.round(this.#bound.wholeMs)} ms, since an old read view keeps its deleted entries from being purged${who}`,
    );
  }
}
