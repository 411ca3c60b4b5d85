import { readStackEnv } from '@tributary/dev-stack';

const addresses = ['MYSQL_URL', 'KAFKA_BROKERS', 'MONGODB_URI', 'REDIS_URL'] as const;

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The environment of a service: `own` (what is set there wins), and the addresses of the stack for what is missing.
 * The stack is looked up only when something is missing.
 */
export async function serviceEnv(stack: string, own: Variables = process.env): Promise<Variables> {
  const missing = addresses.filter((name) => !own[name] && !own[`${name}_FILE`]);
  if (!missing.length) return own;
  const known = await readStackEnv(stack);
  // A server of a secure stack also has settings beside its address: KAFKA_SSL_CA_FILE and so on.
  const servers = missing.map((name) => name.slice(0, name.indexOf('_') + 1));
  const theirs = Object.entries(known).filter(([name]) => servers.some((server) => name.startsWith(server)));
  return { ...own, ...Object.fromEntries(theirs) };
}

/**
 * What keeps a service's memory bounded, beside its own settings; the container image has the same. For glibc: a large buffer
 * goes back to the system as soon as it is freed (by default the allocator keeps up to 64 MB for the next one once it has
 * seen a few); no effect on other C libraries. For Node.js 24: a young generation of the size that Node.js 20 had, instead
 * of up to 128 MB, which gains nothing.
 */
export const memoryEnv = {
  MALLOC_MMAP_THRESHOLD_: '1048576',
  MALLOC_TRIM_THRESHOLD_: '8388608',
  NODE_OPTIONS: '--max-semi-space-size=16',
} as const;

/** What of the caller's environment a service must not inherit. */
export function withoutForeign(variables: Variables): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(variables))
    // Other accounts' passwords are no business of a service.
    if (value !== undefined && !/^(ADMIN|APP)_(MYSQL|MARIADB|REDIS)_URL$/.test(name)) env[name] = value;
  // kafkajs retries less under NODE_ENV=test, which Jest sets: a service under test must be the one that is shipped.
  if (env['NODE_ENV'] === 'test') delete env['NODE_ENV'];
  return env;
}
