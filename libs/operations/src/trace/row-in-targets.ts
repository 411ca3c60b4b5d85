import { rowKeyText, keyColumns, versionOfNumber, type WireRow } from '@tributary/contract';
import type { TablePlan } from '@tributary/capture';
import {
  misfitOf,
  MongoVersions,
  RedisVersions,
  UnmappableError,
  type VersionReader,
} from '@tributary/targets';
import { MongoView, RedisView, type TargetName, type TargetView } from '@tributary/verify';
import type { Servers } from '../servers';
import type { TargetFacts } from './verdict';

/** One target's document or value of a row. */
export interface RowInTarget extends Pick<TargetFacts, 'finding' | 'version' | 'suspended'> {
  readonly target: TargetName;
  /** Its `_id` as extended JSON, or its Redis key. */
  readonly id: string;
}

/** What a target is asked with; nothing where its sink leaves the table out. */
interface Side {
  readonly target: TargetName;
  readonly misfit: RowInTarget['suspended'];
  readonly view: () => TargetView;
  readonly versions: VersionReader;
}

/** Looks a row up in each target that the sync file sends the table to. Throws a SyncError when one cannot be asked. */
export class RowTargets {
  private constructor(
    private readonly plan: TablePlan,
    private readonly sides: readonly Side[],
  ) {}

  static async open(servers: Servers, plan: TablePlan): Promise<RowTargets> {
    const { settings, schema } = plan;
    const sides: Side[] = [];
    if (settings.mongo.enabled) {
      const client = await servers.mongo();
      const view = () => new MongoView(plan, client);
      const misfit = misfitOf('mongo', settings, schema);
      sides.push({ target: 'mongo', misfit, view, versions: new MongoVersions(client) });
    }
    if (settings.redis.enabled) {
      const client = await servers.redis();
      const view = () => new RedisView(plan, client);
      const misfit = misfitOf('redis', settings, schema);
      sides.push({ target: 'redis', misfit, view, versions: new RedisVersions(client) });
    }
    return new RowTargets(plan, sides);
  }

  /** `row`: as the source has it now. */
  look(key: WireRow, row: WireRow | null): Promise<RowInTarget[]> {
    return Promise.all(this.sides.map((side) => this.#look(side, key, row)));
  }

  async #look({ target, misfit, view, versions }: Side, key: WireRow, row: WireRow | null) {
    if (misfit) return absent(target, misfit.reason, misfit);
    const { schema, settings } = this.plan;
    const ref = { schema, table: settings, key, keyText: rowKeyText(keyColumns(schema), key) };
    const side = view();
    try {
      const [[finding], [version]] = await Promise.all([
        side.inspect([{ key, row }]),
        versions.versions([ref]),
      ]);
      const held = version === undefined ? undefined : versionOfNumber(version);
      return { target, id: side.entryOf(key).id, finding, version: held, suspended: undefined };
    } catch (error) {
      if (!(error instanceof UnmappableError)) throw error;
      return absent(target, `cannot hold the row: ${error.message}`);
    }
  }
}

const absent = (target: TargetName, note: string, suspended?: RowInTarget['suspended']): RowInTarget => ({
  ...{ target, id: '-', version: undefined, suspended },
  finding: { kind: 'missing', columns: [], note },
});
