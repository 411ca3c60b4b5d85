import {
  isEmpty,
  readIncarnations,
  type Connection,
  type Incarnations,
  type TablePlan,
} from '@tributary/capture';
import type { ServiceContext } from '@tributary/service';

/**
 * TRUNCATE fires no trigger (R8). It makes a new incarnation of the table, as DROP with CREATE and rebuilding ALTERs
 * do, so a captured table that has one is reported and loaded anew: what it lost without a trace is still in the targets.
 */
export class TruncateWatch {
  #known: Incarnations = new Map();

  constructor(
    private readonly context: ServiceContext,
    private readonly connection: Connection,
  ) {}

  /** The tables that have become others since the last check. */
  async check(plans: ReadonlyMap<string, TablePlan>): Promise<string[]> {
    const [first] = plans.values();
    if (!first) return [];
    const now = await readIncarnations(this.connection, first.flavour, [...plans.keys()]);
    const rebuilt: string[] = [];
    for (const [table, made] of now) {
      const before = this.#known.get(table);
      if (before === undefined || before === made) continue;
      await this.#report(table);
      rebuilt.push(table);
    }
    this.#known = now;
    return rebuilt;
  }

  async #report(table: string): Promise<void> {
    const remedy = 'it is loaded anew, which removes from the targets what the source no longer has';
    const { log, metrics } = this.context;
    metrics.events.inc({ stage: this.context.app, table, outcome: 'rebuilt' });
    if (await isEmpty(this.connection, table))
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
