import { Inject, Injectable } from '@nestjs/common';
import { GroupWatch, Metrics, observeLag, type StageLag } from '@tributary/service';
import { SyncConfig } from '@tributary/sync-config';
import { stagesOf } from '@tributary/topics';
import { LogGauges } from './log-gauges';

/**
 * How old is what waits in the change log, and behind it in each stage, which may not run at all and then says nothing
 * itself.
 */
@Injectable()
export class LagGauge {
  /** Bulk records of loads are no lag, however long they wait. */
  readonly #live: ReadonlySet<string>;

  constructor(
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(SyncConfig) private readonly config: SyncConfig,
    @Inject(LogGauges) private readonly log: LogGauges,
    @Inject(GroupWatch) private readonly groups: GroupWatch,
  ) {
    this.#live = new Set(stagesOf(config).map(({ group }) => group));
    observeLag(
      metrics,
      () => this.#stages(),
      (table) => config.table(table) !== undefined,
    );
  }

  *#stages(): Iterable<StageLag> {
    yield { stage: this.metrics.stage, oldest: this.log.oldest };
    for (const { group, oldest } of this.groups.waiting())
      if (this.#live.has(group)) yield { stage: group.slice(this.config.prefix.length + 1), oldest };
  }
}
