import 'reflect-metadata';
import type { DynamicModule, INestApplication, Type } from '@nestjs/common';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import { SyncError, errorText, boundHeap } from '@tributary/kernel';
import { readEnv, type Needs, type ServiceEnv } from './env';
import { createHttpApp, type ConfigureHttp } from './http-app';
import type { Logger } from './logger';
import { ServiceContext } from './service-context';
import { untilStarted } from './start-wait';
import { Termination } from './termination';

export interface ServiceDefinition {
  /** Folder name under apps/, also the `app` of logs and the `stage` of metrics. */
  readonly app: string;
  readonly defaultPort: number;
  readonly needs: Needs;
  readonly module: Type | DynamicModule;
  /** Of a process with endpoints of its own beside the read-only ones. */
  readonly http?: ServiceHttp;
  /** The working part of a consuming service, taken from its module. */
  readonly pipeline?: (app: INestApplication) => ServicePipeline;
}

interface ServiceHttp {
  readonly configure: ConfigureHttp;
  /** The interface to listen on. Throws a fatal SyncError before anything was begun. */
  host(env: ServiceEnv): string;
  /** Told once it listens. */
  listening?(app: INestApplication): void;
}

type TransportServer = CustomTransportStrategy & { close(): unknown };

export interface ServicePipeline {
  /** The Kafka transports; they begin to read when `start` has succeeded. */
  readonly servers: readonly TransportServer[];
  /** Makes everything ready; called again after a SyncError `retry`, when a server was not there. */
  start(): Promise<void>;
}

/** sysexits.h EX_CONFIG: a supervisor can tell a configuration that needs a person from a crash. */
const EXIT_CONFIG = 78;
const DRAIN_LIMIT_MS = 9_000;

/**
 * Starts one service: environment, logger, HTTP endpoints, then its work; drains on SIGTERM and SIGINT and exits
 * 0 within 10 s. A configuration fault prints one message and exits 78, any other failed start exits 1; a server that
 * is not there yet is no failure: it is waited for. A definition that reads the environment itself is made here.
 */
export async function runService(defined: ServiceDefinition | (() => ServiceDefinition)): Promise<void> {
  boundHeap();
  // Until there is something to drain, a signal just ends the process: nothing has been begun.
  const termination = new Termination(() => process.exit(0));
  let definition: ServiceDefinition;
  let context: ServiceContext;
  let host: string;
  try {
    definition = typeof defined === 'function' ? defined() : defined;
    context = new ServiceContext(definition.app, readEnv(definition.needs, definition.defaultPort));
    host = definition.http?.host(context.env) ?? context.env.host;
  } catch (error) {
    process.stderr.write(`${nameOf(defined)}${errorText(error)}\n`);
    process.exit(EXIT_CONFIG);
  }
  const { log, env } = context;
  process.on('unhandledRejection', (error) => end(log, error, 'unhandled rejection'));
  process.on('uncaughtException', (error) => end(log, error, 'uncaught exception'));
  try {
    const app = await createHttpApp(context, definition.module, definition.http?.configure);
    const pipeline = definition.pipeline?.(app);
    // Before anything begins to work, as providers may while the application starts to listen.
    const stopping = drainOnSignal(termination, app, pipeline?.servers ?? [], context);
    // Probes must be answered while the service waits for its servers, so HTTP comes before the work.
    await app.listen(env.port, host);
    definition.http?.listening?.(app);
    if (pipeline) {
      if (!(await untilStarted(context, () => pipeline.start(), stopping))) return;
      for (const strategy of pipeline.servers)
        app.connectMicroservice({ strategy }, { inheritAppConfig: true });
      await app.startAllMicroservices();
    }
    log.info({ port: env.port, config: env.config.hash }, `${definition.app} is up`);
  } catch (error) {
    end(log, error, 'start failed');
  }
}

const nameOf = (defined: ServiceDefinition | (() => ServiceDefinition)) =>
  typeof defined === 'function' ? '' : `${defined.app}: `;

function end(log: Logger, error: unknown, what: string): never {
  const message = errorText(error);
  if (error instanceof SyncError) log.fatal({ code: error.code }, message);
  else log.fatal({ error }, `${what}: ${message}`);
  process.exit(error instanceof SyncError && error.code === 'CONFIG' ? EXIT_CONFIG : 1);
}

/** HTTP stays up while the consumer drains: Nest's own order would close it first. The signal aborts when that begins. */
function drainOnSignal(
  termination: Termination,
  app: INestApplication,
  transports: readonly TransportServer[],
  context: ServiceContext,
): AbortSignal {
  const stopping = new AbortController();
  const drain = async (signal: string) => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    context.health.stopping();
    context.log.info({ signal }, 'draining');
    setTimeout(() => {
      context.log.warn(
        { limitMs: DRAIN_LIMIT_MS },
        'drain took too long; what was not acknowledged is delivered again',
      );
      process.exit(0);
    }, DRAIN_LIMIT_MS).unref();
    try {
      await Promise.all(transports.map((transport) => transport.close()));
      await app.close();
    } catch (error) {
      context.log.warn({ error }, 'a part did not close cleanly; nothing unacknowledged is lost');
    }
    context.log.info('stopped');
    process.exit(0);
  };
  termination.do((signal) => void drain(signal));
  return stopping.signal;
}
