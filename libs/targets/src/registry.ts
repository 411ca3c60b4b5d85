import { targetSpecs, type TargetName } from '@tributary/sync-config';
import { mongoTarget } from './mongo/mongo-target';
import { redisTarget } from './redis/redis-target';
import type { TargetPlugin } from './target-plugin';

/** The plugin of each target that sync-config registers: one line a target. */
const plugins: Readonly<Record<(typeof targetSpecs)[number]['name'], TargetPlugin>> = {
  mongo: mongoTarget,
  redis: redisTarget,
};

/** In the order of the registry of sync-config. */
export const targetPlugins: readonly TargetPlugin[] = targetSpecs.map(({ name }) => plugins[name]);

export const targetPlugin = (name: TargetName): TargetPlugin => plugins[name as keyof typeof plugins];
