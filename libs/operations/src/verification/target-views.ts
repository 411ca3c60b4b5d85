import { fatal } from '@tributary/kernel';
import type { TablePlan } from '@tributary/capture';
import type { SyncConfig } from '@tributary/sync-config';
import { misfitOf, MongoPlaces, RedisPlaces } from '@tributary/targets';
import { MongoView, RedisView, usedTargets, type TargetName, type TargetView } from '@tributary/verify';
import type { Servers } from '../servers';
import type { PlaceStores } from '../targets/places';

/** Whether any table of the sync file goes to a target that is asked for. */
export const usesTarget = (config: SyncConfig, name: TargetName, asked: TargetName | undefined): boolean =>
  (asked === undefined || asked === name) && usedTargets(config).includes(name);

/** The targets' sides of tables, on one connection to each target. */
export class TargetViews {
  private constructor(
    private readonly mongo: Awaited<ReturnType<Servers['mongo']>> | undefined,
    private readonly redis: Awaited<ReturnType<Servers['redis']>> | undefined,
  ) {}

  /** Throws a fatal SyncError when nothing goes to the target that is asked for. */
  static async open(servers: Servers, asked: TargetName | undefined): Promise<TargetViews> {
    const uses = (name: TargetName) => usesTarget(servers.config, name, asked);
    if (!uses('mongo') && !uses('redis'))
      throw fatal(
        'VERIFY',
        `The sync file sends no table to ${asked ?? 'a target'}: there is nothing to verify.`,
      );
    return new TargetViews(
      uses('mongo') ? await servers.mongo() : undefined,
      uses('redis') ? await servers.redis() : undefined,
    );
  }

  /** The bookkeeping beside what is compared. */
  get places(): PlaceStores {
    const { mongo, redis } = this;
    return {
      ...(mongo && { mongo: new MongoPlaces({ getClient: () => mongo }) }),
      ...(redis && { redis: new RedisPlaces(redis) }),
    };
  }

  /** The targets that are compared. */
  get names(): TargetName[] {
    return [...(this.mongo ? ['mongo' as const] : []), ...(this.redis ? ['redis' as const] : [])];
  }

  /** Without those that the sinks leave the table out of (see `misfits`). */
  of(plan: TablePlan): TargetView[] {
    const { settings, schema } = plan;
    const fits = (name: TargetName) => settings[name].enabled && !misfitOf(name, settings, schema);
    return [
      ...(this.mongo && fits('mongo') ? [new MongoView(plan, this.mongo)] : []),
      ...(this.redis && fits('redis') ? [new RedisView(plan, this.redis)] : []),
    ];
  }
}
