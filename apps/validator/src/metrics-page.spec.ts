import { join } from 'node:path';
import { Global, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { readEnv, ServiceContext } from '@tributary/service';
import { listedMetrics, registeredMetrics } from '@tributary/testing';
import { ValidatorModule } from './validator.module';

describe('docs/metrics.md', () => {
  it('lists the metrics of the validator, and no other', async () => {
    const env = readEnv({ kafka: true }, 0, {
      SYNC_CONFIG: join(__dirname, '../../../sync.yaml'),
      KAFKA_BROKERS: '127.0.0.1:9',
    });
    const context = new ServiceContext('validator', env);

    @Global()
    @Module({
      imports: [ValidatorModule],
      providers: [{ provide: ServiceContext, useValue: context }],
      exports: [ServiceContext],
    })
    class Host {}
    // It connects in `start` of the pipeline, not before.
    await NestFactory.createApplicationContext(Host, { logger: false, abortOnError: false });

    expect(registeredMetrics(context.metrics.registry)).toEqual(
      listedMetrics('Every service', 'Consumers', 'Process and Node.js'),
    );
  });
});
