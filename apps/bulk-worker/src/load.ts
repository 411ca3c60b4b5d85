import { loadWork } from '@tributary/bulk';
import { addressOf, createLogger, readEnv, serviceTransport } from '@tributary/service';

const app = 'bulk-worker';

/** Ranges of tables, into the topic of loads or straight into the targets. */
export function openLoad() {
  const env = readEnv({ kafka: true, mysql: true });
  // Standard output is for results alone.
  const log = createLogger(app, env.logLevel === 'info' ? 'warn' : env.logLevel, process.stderr);
  const kafka = serviceTransport({ app, env, log });
  return loadWork({
    ...{ mysqlUrl: env.mysqlUrl, config: env.config, publisher: kafka.publisher() },
    connectTarget(target) {
      const listener = {
        onLost: ({ message }: Error) => log.debug({ reason: message }, `${target.spec.title} was lost`),
        onWarning: (code: string, message: string) => log.warn({ code }, message),
      };
      // Asked for only where rows go straight there.
      return target.connect(addressOf(readEnv({ targets: [target] }), target), listener);
    },
  });
}
