import {
  certificatesOf,
  certificateVariables,
  envPart,
  redisSpec,
  urlVariable,
  type Certificates,
} from '@tributary/sync-config';
import { MAPPING } from '../sink/table-fitness';
import type { TargetPlugin } from '../target-plugin';
import { connectRedis } from './connect-redis';
import { redisChecks } from './redis-checks';
import { REDIS_KEY, redisMisfit } from './redis-misfit';
import { redisPlace } from './redis-place';
import { RedisPlaces } from './redis-places';
import { RedisPositions } from './redis-positions';
import { RedisSweepNotes } from './redis-sweep-notes';
import { RedisVersions } from './redis-versions';
import { RedisWriter } from './redis-writer';
import { redisExpected, redisNames } from './scan/redis-expected';
import { redisParts, RedisScan } from './scan/redis-scan';
import { RedisView } from './view/redis-view';

interface RedisAddress {
  readonly url: string;
  /** For `rediss://` URLs, which have no place for them. */
  readonly tls: Certificates;
}

/** A Redis server, with or without replicas. */
export const redisTarget: TargetPlugin<RedisAddress> = {
  ...{ name: redisSpec.name, spec: redisSpec },
  env: {
    variable: 'REDIS_URL',
    part: envPart(
      {
        REDIS_URL: urlVariable('REDIS_URL', ['redis:', 'rediss:'], 'redis://:password@host:6379/0'),
        ...certificateVariables('REDIS_SSL'),
      },
      ({ REDIS_URL: url, ...values }, fault) => {
        const tls = { used: url.startsWith('rediss:'), condition: 'REDIS_URL begins with rediss://' };
        return { url, tls: certificatesOf('REDIS_SSL', values, tls, fault) };
      },
    ),
  },
  place: redisPlace,
  surfaces: ({ redis: { index, key } }) => [`index\0${index}`, ...(key === undefined ? [] : [`key\0${key}`])],
  words: { where: (id) => `${id} in Redis`, elsewhere: 'another redis.key and redis.index' },
  misfit: redisMisfit,
  misfitCodes: [REDIS_KEY, MAPPING],
  scan: { expected: redisExpected, names: redisNames, parts: () => redisParts },
  keepsSchemas: false,
  async connect({ url, tls }, { onLost }) {
    const redis = await connectRedis(url, onLost, tls);
    return {
      writer: new RedisWriter(redis),
      positions: (group) => new RedisPositions(redis, group),
      sweepNotes: (group) => new RedisSweepNotes(redis, group),
      places: new RedisPlaces(redis),
      versions: new RedisVersions(redis),
      view: (table) => new RedisView(table, redis),
      scan: (table) => new RedisScan(table, redis),
      examine: () => redisChecks(redis),
    };
  },
};
