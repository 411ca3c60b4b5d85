import {
  isEmpty,
  readIncarnations,
  sameIncarnation,
  storedIncarnations,
  storeIncarnations,
  wasRebuilt,
  type Connection,
  type Incarnations,
  type TablePlan,
} from '@tributary/capture';
import type { RelayContext } from './ports';

/**
 * TRUNCATE fires no trigger (R8). It makes a new incarnation of the table, as DROP with CREATE and rebuilding ALTERs
 * do, so a captured table that has one is reported and loaded anew: what it lost without a trace is still in the targets.
 * So is one that was altered where it is, for a column can have got other values by it.
 */
export class TruncateWatch {
  /** As the tables were at the last check, by this relay or one before it. */
  #known: Incarnations | undefined;

  constructor(
    private readonly context: RelayContext,
    private readonly connection: Connection,
  ) {}

  /**
   * Has the tables loaded that have become others since the last check, and only then keeps what they are now: a crash
   * in between finds them changed once more.
   */
  async check(
    plans: ReadonlyMap<string, TablePlan>,
    reload: (table: string) => Promise<void>,
  ): Promise<void> {
    const { captureSchema } = this.context.env.config;
    const [first] = plans.values();
    if (!first) return;
    const known = (this.#known ??= await storedIncarnations(this.connection, captureSchema));
    const now = await readIncarnations(this.connection, first.flavour, [...plans.keys()]);
    for (const [table, made] of now) {
      const before = known.get(table);
      if (before === undefined || sameIncarnation(before, made)) continue;
      await this.#report(table, wasRebuilt(before, made));
      await reload(table);
    }
    const changed = new Map([...now].filter(([table, made]) => known.get(table) !== made));
    await storeIncarnations(this.connection, captureSchema, changed);
    this.#known = new Map([...known, ...now]);
  }

  async #report(table: string, rebuilt: boolean): Promise<void> {
    const remedy = 'it is loaded anew, which removes from the targets what the source no longer has';
    const { log, metrics } = this.context;
    metrics.count(table, 'rebuilt');
    if (!rebuilt)
      log.warn(
        { event: 'table-altered', table },
        `${table} was altered, which can give its rows other values without a trigger: it is loaded anew`,
      );
    else if (await isEmpty(this.connection, table))
      log.error(
        { event: 'table-truncated', table },
        `${table} was truncated, which no trigger sees: ${remedy}`,
      );
    else
      log.warn(
        { event: 'table-rebuilt', table },
        `${table} was rebuilt by an ALTER, or truncated and filled again: ${remedy}`,
      );
  }
}
