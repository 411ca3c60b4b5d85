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
 * do, so a captured table that has one is reported: what it lost without a trace is still in the targets.
 */
export class TruncateWatch {
  #known: Incarnations = new Map();

  constructor(
    private readonly context: ServiceContext,
    private readonly connection: Connection,
  ) {}

  async check(plans: ReadonlyMap<string, TablePlan>): Promise<void> {
    const [first] = plans.values();
    if (!first) return;
    const now = await readIncarnations(this.connection, first.flavour, [...plans.keys()]);
    for (const [table, made] of now) {
      const before = this.#known.get(table);
      if (before !== undefined && before !== made) await this.#report(table);
    }
    this.#known = now;
  }

  async #report(table: string): Promise<void> {
    const remedy = `run "tributary verify --table ${table} --repair" to remove from the targets what the source no longer has`;
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
        `${table} was rebuilt by an ALTER, or truncated and filled again; in the second case ${remedy}`,
      );
  }
}
