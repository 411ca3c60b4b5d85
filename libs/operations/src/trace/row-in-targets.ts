import { keyColumns, rowKeyText, versionOfNumber, type WireRow } from '@tributary/contract';
import type { TablePlan } from '@tributary/capture';
import { targetSettings, type SyncConfig, type TargetName } from '@tributary/sync-config';
import { UnmappableError, type ConnectedTarget, type TargetPlugin } from '@tributary/targets';
import type { Servers } from '../servers';
import { openTargets, usedPlugins, type OpenTargets } from '../targets/open-targets';
import type { TargetFacts } from './verdict';

/** One target's document or value of a row. */
export interface RowInTarget extends Pick<TargetFacts, 'finding' | 'version' | 'suspended'> {
  readonly target: TargetName;
  /** Its `_id` as extended JSON, or its Redis key. */
  readonly id: string;
}

/** Looks a row up in each target that the sync file sends the table to. Throws a SyncError when one cannot be asked. */
export class RowTargets {
  private constructor(
    private readonly plan: TablePlan,
    /** The targets that the table goes to. */
    readonly targets: OpenTargets,
  ) {}

  static async open(servers: Servers, config: SyncConfig, plan: TablePlan): Promise<RowTargets> {
    const wanted = usedPlugins(config).filter(({ name }) => targetSettings(plan.settings, name).enabled);
    return new RowTargets(plan, await openTargets(servers, wanted));
  }

  /** `row`: as the source has it now. */
  look(key: WireRow, row: WireRow | null): Promise<RowInTarget[]> {
    return Promise.all(
      [...this.targets].map(([plugin, connected]) => this.#look(plugin, connected, key, row)),
    );
  }

  async #look(
    { name, misfit }: TargetPlugin,
    { view, versions }: ConnectedTarget,
    key: WireRow,
    row: WireRow | null,
  ): Promise<RowInTarget> {
    const { schema, settings } = this.plan;
    const suspended = misfit(schema, settings);
    if (suspended) return absent(name, suspended.reason, suspended);
    try {
      const ref = { schema, table: settings, key, keyText: rowKeyText(keyColumns(schema), key) };
      const side = view(this.plan);
      const [[finding], [version]] = await Promise.all([
        side.inspect([{ key, row }]),
        versions.versions([ref]),
      ]);
      const held = version === undefined ? undefined : versionOfNumber(version);
      return { target: name, id: side.entryOf(key).id, finding, version: held, suspended: undefined };
    } catch (error) {
      if (!(error instanceof UnmappableError)) throw error;
      return absent(name, `cannot hold the row: ${error.message}`);
    }
  }
}

const absent = (target: TargetName, note: string, suspended?: RowInTarget['suspended']): RowInTarget => ({
  ...{ target, id: '-', version: undefined, suspended },
  finding: { kind: 'missing', columns: [], note },
});
