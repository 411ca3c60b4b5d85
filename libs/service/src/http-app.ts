import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { nestLogger } from './logger';
import type { ServiceContext } from './service-context';
import { ServiceModule } from './service.module';

/** Probes and scrapes are small and quick; a client that is neither must not hold a connection. */
const REQUEST_MS = 10_000;
const MOST_CONNECTIONS = 500;

/** Puts limits on an application's HTTP server before it listens. */
export type ConfigureHttp = (app: NestExpressApplication) => void;

/**
 * The Nest application of a service: its own module, and the four read-only endpoints of every service. One that has more
 * endpoints says what its server takes.
 */
export async function createHttpApp(
  context: ServiceContext,
  module: Type | DynamicModule,
  configure: ConfigureHttp = probesOnly,
): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(ServiceModule.with(context, module), {
    logger: nestLogger(context.log),
    abortOnError: false,
    // No body is read before it is known that somebody may send it.
    bodyParser: false,
  });
  app.disable('x-powered-by');
  configure(app);
  return app;
}

function probesOnly(app: NestExpressApplication): void {
  app.use(readOnly);
  const server = app.getHttpServer();
  server.headersTimeout = REQUEST_MS / 2;
  server.requestTimeout = REQUEST_MS;
  server.maxConnections = MOST_CONNECTIONS;
}

interface Response {
  setHeader(name: string, value: string): void;
  writeHead(status: number, headers: Record<string, string>): { end(): void };
}

function readOnly({ method }: { method?: string }, response: Response, next: () => void): void {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  if (method === 'GET' || method === 'HEAD') next();
  // The connection is closed, because a body that may follow is not read.
  else response.writeHead(405, { Allow: 'GET, HEAD', Connection: 'close' }).end();
}
