import { checksOf, clockCheck, type Check } from '@tributary/kernel';
import type { Redis } from 'ioredis';

const { pass, warn, fail } = checksOf('redis');

/** Version 5 is the first whose scripts replicate by effect. */
const LEAST_MAJOR = 5;

/** Whether the server is fit for a target. */
export async function redisChecks(redis: Redis): Promise<Check[]> {
  const facts = factsOf(await redis.info());
  return [
    pass('answers', 'It answers, and takes the login.'),
    ...(await clock(redis)),
    eviction(facts),
    facts.get('role') === 'slave'
      ? fail('role', 'It is a replica, which takes no writes.', 'Point REDIS_URL at the primary.')
      : pass('role', 'It is a primary.'),
    facts.get('aof_enabled') === '1'
      ? pass('persistence', 'It keeps an append-only file.')
      : warn(
          'persistence',
          'It keeps no append-only file, so a restart loses what came since its last snapshot; the sink notices and reads the topic again, as far as that still reaches.',
          'CONFIG SET appendonly yes, and the same in redis.conf.',
        ),
    ...version(facts.get('redis_version') ?? ''),
  ];
}

/** Nothing where the account may not ask. */
async function clock(redis: Redis): Promise<Check[]> {
  const asked = Date.now();
  try {
    const [seconds, micros] = await redis.time();
    return [clockCheck('redis', Number(seconds) * 1000 + Number(micros) / 1000, asked, Date.now())];
  } catch (error) {
    if ((error as Error).message.startsWith('NOPERM')) return [];
    throw error;
  }
}

function eviction(facts: ReadonlyMap<string, string>): Check {
  const policy = facts.get('maxmemory_policy') ?? 'noeviction';
  if (policy === 'noeviction') return pass('eviction', 'It evicts nothing.');
  const fix = 'CONFIG SET maxmemory-policy noeviction, and the same in redis.conf.';
  return Number(facts.get('maxmemory') ?? 0) > 0
    ? fail('eviction', `maxmemory-policy is ${policy}, so rows vanish once memory is short.`, fix)
    : warn('eviction', `maxmemory-policy is ${policy}; without maxmemory nothing is evicted yet.`, fix);
}

const version = (text: string): Check[] =>
  Number.parseInt(text, 10) < LEAST_MAJOR
    ? [
        fail(
          'version',
          `It is version ${text}, whose scripts cannot write what they read.`,
          'Use Redis 5 or later.',
        ),
      ]
    : [];

const factsOf = (info: string): ReadonlyMap<string, string> =>
  new Map(
    info.split(/\r?\n/).flatMap((line) => {
      const colon = line.indexOf(':');
      return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1)] as const] : [];
    }),
  );
