import type { INestApplication, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { nestLogger } from './logger';
import type { ServiceContext } from './service-context';
import { ServiceModule } from './service.module';

/** Probes and scrapes are small and quick; a client that is neither must not hold a connection. */
const REQUEST_MS = 10_000;
const MOST_CONNECTIONS = 500;

/** The Nest application of a service: its own module, and the four read-only endpoints of every service. */
export async function createHttpApp(context: ServiceContext, module: Type): Promise<INestApplication> {
  const app = await NestFactory.create<NestExpressApplication>(ServiceModule.with(context, module), {
    logger: nestLogger(context.log),
    abortOnError: false,
    // Nothing here takes a body, so none is read.
    bodyParser: false,
  });
  app.disable('x-powered-by');
  app.use(readOnly);
  const server = app.getHttpServer();
  server.headersTimeout = REQUEST_MS / 2;
  server.requestTimeout = REQUEST_MS;
  server.maxConnections = MOST_CONNECTIONS;
  return app;
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
