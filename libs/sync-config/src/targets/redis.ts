import { z } from 'zod';
import type { Contradiction } from '../contradiction';
import { redisKeyCollisions } from './redis-key-collisions';
import { redisKeyPattern } from './redis-key-pattern';
import { commonOptions, targetSpec, type TargetSettings, type TargetSpec } from './target-spec';

interface RedisSettings extends TargetSettings {
  readonly as: 'hash' | 'json' | 'fields';
  /** Key pattern with `{column}` places; `undefined`: `database:table:v1[:v2...]`. */
  readonly key?: string;
  /** Name of the index set, by default `database:table`. */
  readonly index: string;
}

export const redisSpec: TargetSpec<'redis', RedisSettings> = targetSpec({
  name: 'redis',
  title: 'Redis',
  defaults: { ...commonOptions, as: z.enum(['hash', 'json', 'fields']).optional() },
  entry: { key: z.string().min(1).optional(), index: z.string().min(1).optional() },
  settings(said, { database, name }): RedisSettings {
    const key = said('key');
    return {
      enabled: said('enabled') ?? true,
      shared: said('shared') ?? false,
      as: said('as') ?? 'hash',
      ...(key && { key }),
      index: said('index') ?? `${database}:${name}`,
    };
  },
  faults({ key, index }, { isPattern }) {
    const faults: Contradiction[] = [];
    if (isPattern && key)
      faults.push({ path: ['key'], message: 'a pattern cannot give several tables one key layout' });
    if (isPattern && index)
      faults.push({ path: ['index'], message: 'a pattern cannot give several tables one index set' });
    const pattern = key === undefined ? undefined : redisKeyPattern(key);
    if (pattern?.fault) faults.push({ path: ['key'], message: pattern.fault });
    return faults;
  },
  placeText: ({ database, name, redis: { key, as } }) => `${key ?? `${database}:${name}:{key}`} (${as})`,
  collisions: redisKeyCollisions,
});
