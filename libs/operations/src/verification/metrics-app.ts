import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { Controller, Get, Module } from '@nestjs/common';
import { fatal } from '@tributary/kernel';
import { createHttpApp, ServiceContext, type ServiceEnv } from '@tributary/service';
import { VerificationMetrics } from './verification-metrics';

/** Answers as long as the process does. */
@Controller('health')
class AliveController {
  @Get()
  alive(): string {
    return '{"status":"ok"}\n';
  }
}

@Module({ controllers: [AliveController] })
class VerificationModule {}

export interface MetricsApp {
  readonly metrics: VerificationMetrics;
  readonly url: string;
  close(): Promise<void>;
}

/** Serves `/metrics`, `/health` and what every service serves; throws a fatal SyncError when the port cannot be had. */
export async function serveMetrics(env: ServiceEnv, port: number): Promise<MetricsApp> {
  // Standard output is for the results of the command.
  const context = new ServiceContext('verify', { ...env, logLevel: 'fatal' });
  const app = await createHttpApp(context, VerificationModule);
  await app.listen(port, env.host).catch(({ message }: Error) => {
    throw fatal('PORT', `The port ${port} cannot be had (${message}): choose another --port.`);
  });
  const server = app.getHttpServer();
  return {
    metrics: new VerificationMetrics(context.metrics),
    url: `http://${env.host}:${(server.address() as AddressInfo).port}/metrics`,
    async close() {
      server.closeAllConnections();
      await app.close();
    },
  };
}
