import { Inject, Injectable } from '@nestjs/common';
import { GroupWatch, Metrics, observeLag, type StageLag } from '@tributary/service';
import { SyncConfig } from '@tributary/sync-config';
import { LogGauges } from './log-gauges';

/**
 * How old is what waits in the change log, and behind it in each stage, which may not run at all and then says nothing
 * itself.
 */
@Injectable()
export class LagGauge {
  constructor(
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(SyncConfig) private readonly config: SyncConfig,
    @Inject(LogGauges) private readonly log: LogGauges,
    @Inject(GroupWatch) private readonly groups: GroupWatch,
  ) {
    observeLag(
      metrics,
      () => this.#stages(),
      (table) => config.table(table) !== undefined,
    );
  }

  *#stages(): Iterable<StageLag> {
    yield { stage: this.metrics.stage, oldest: this.log.oldest };
    for (const { group, oldest } of this.groups.waiting())
      yield { stage: group.slice(this.config.prefix.length + 1), oldest };
  }
}
