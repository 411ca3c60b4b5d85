import { join } from 'node:path';
import { readEnv, ServiceContext } from '@tributary/service';
import { listedMetrics, registeredMetrics } from '@tributary/testing';
import { ValidatorPipeline } from './validator.pipeline';

describe('docs/metrics.md', () => {
  it('lists the metrics of the validator, and no other', () => {
    const env = readEnv({ kafka: true }, 0, {
      SYNC_CONFIG: join(__dirname, '../../../sync.yaml'),
      KAFKA_BROKERS: '127.0.0.1:9',
    });
    const context = new ServiceContext('validator', env);
    new ValidatorPipeline(context); // it connects in `start`, not before

    expect(registeredMetrics(context.metrics.registry)).toEqual(
      listedMetrics('Every service', 'Consumers', 'Process and Node.js'),
    );
  });
});
