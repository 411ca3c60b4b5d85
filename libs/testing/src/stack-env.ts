const required = [
  'MYSQL_URL',
  'APP_MYSQL_URL',
  'ADMIN_MYSQL_URL',
  'KAFKA_BROKERS',
  'MONGODB_URI',
  'REDIS_URL',
] as const;
const optional = ['MARIADB_URL', 'APP_MARIADB_URL', 'ADMIN_MARIADB_URL'] as const;

/** Addresses of the servers that tests run against; the MariaDB ones only when the stack has MariaDB beside MySQL. */
export type TestServers = Readonly<
  Record<(typeof required)[number], string> & Partial<Record<(typeof optional)[number], string>>
>;

/** Reads the addresses from the environment, where Jest's global set-up put them; throws when one is missing. */
export function stackEnv(): TestServers {
  const missing = required.filter((name) => !process.env[name]);
  if (missing.length)
    throw new Error(
      `No address of a test server in ${missing.join(', ')}: run "npm run stack -- up", then these tests with Jest's "servers" project.`,
    );
  const present = [...required, ...optional].filter((name) => process.env[name]);
  return Object.fromEntries(present.map((name) => [name, process.env[name]])) as TestServers;
}
