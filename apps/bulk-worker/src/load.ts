import { loadWork } from '@tributary/bulk';
import { createLogger, readEnv, serviceTransport } from '@tributary/service';

const app = 'bulk-worker';

/** Ranges of tables, into the topic of loads. */
export function openLoad() {
  const env = readEnv({ kafka: true, mysql: true });
  // Standard output is for results alone.
  const log = createLogger(app, env.logLevel === 'info' ? 'warn' : env.logLevel, process.stderr);
  const kafka = serviceTransport({ app, env, log });
  return loadWork({ mysqlUrl: env.mysqlUrl, config: env.config, publisher: kafka.publisher() });
}
