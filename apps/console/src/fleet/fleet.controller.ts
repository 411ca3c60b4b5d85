import { Controller, Inject } from '@nestjs/common';
import { resolvedPlan, productVersion, serverAddresses, type PlannedTable } from '@tributary/operations';
import { targetSettings, type TargetSpec } from '@tributary/sync-config';
import type { Answer } from '../http/answer';
import type { Call } from '../http/call';
import { Operation, TheCall } from '../http/operation';
import { LiveStatus } from '../live/live-status';
import { UseCases } from '../operations/use-cases';

/** What runs, and with which configuration. */
@Controller()
export class FleetController {
  constructor(
    @Inject(UseCases) private readonly useCases: UseCases,
    @Inject(LiveStatus) private readonly live: LiveStatus,
  ) {}

  @Operation('instances')
  async instances(): Promise<Answer<'instances'>> {
    const { instances } = await this.live.fresh();
    return {
      instances: instances.map(({ perSecond: _, newestChangeAt: __, ...instance }) => instance),
    };
  }

  @Operation('config')
  config(@TheCall() call: Call<'config'>): Promise<Answer<'config'>> {
    return this.useCases.ask(call, async (operation) => {
      const { configPath, config, tables, suspended, skipped } = await resolvedPlan(operation, {});
      return {
        ...{ path: configPath, hash: config.hash, version: productVersion, topics: { ...config.topics } },
        servers: serverAddresses(operation),
        tables: tables.map((table) => tableLine(table, config.targets)),
        suspended: suspended.map((one) => ({ ...one })),
        skipped: skipped.map((one) => ({ ...one })),
      };
    });
  }
}

function tableLine({ settings, key, columns }: PlannedTable, targets: readonly TargetSpec[]) {
  const { table, exclude, rename, mask, where, before, dto = null } = settings;
  const places = targets.map((target) => [
    target.name,
    targetSettings(settings, target.name).enabled ? target.placeText(settings) : null,
  ]);
  return { table, key, columns, exclude, rename, mask, where, before, dto, ...Object.fromEntries(places) };
}
