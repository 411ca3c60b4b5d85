import { join } from 'node:path';
import { createHttpApp, readEnv, ServiceContext } from '@tributary/service';
import { listedMetrics, registeredMetrics } from '@tributary/testing';
import { ValidatorModule } from './validator.module';

describe('docs/metrics.md', () => {
  it('lists the metrics of the validator, and no other', async () => {
    const env = readEnv({ kafka: true }, 0, {
      SYNC_CONFIG: join(__dirname, '../../../sync.yaml'),
      KAFKA_BROKERS: '127.0.0.1:9',
    });
    const context = new ServiceContext('validator', env);
    await createHttpApp(context, ValidatorModule); // it connects when it is started, not before

    expect(registeredMetrics(context.metrics.registry)).toEqual(
      listedMetrics('Every service', 'Stages', 'Consumers', 'validator', 'Process and Node.js'),
    );
  });
});
