import { join } from 'node:path';
import { createHttpApp, readEnv, ServiceContext } from '@tributary/service';
import { listedMetrics, registeredMetrics } from '@tributary/testing';
import { RelayModule } from './relay.module';

describe('docs/metrics.md', () => {
  it('lists the metrics of trigger-relay, and no other', async () => {
    const env = readEnv({ kafka: true, mysql: true }, 0, {
      SYNC_CONFIG: join(__dirname, '../../../sync.yaml'),
      KAFKA_BROKERS: '127.0.0.1:9',
      MYSQL_URL: 'mysql://nobody@127.0.0.1:9',
    });
    const context = new ServiceContext('trigger-relay', env);
    await createHttpApp(context, RelayModule); // it connects when it is started, not before

    expect(registeredMetrics(context.metrics.registry)).toEqual(
      listedMetrics('Every service', 'Stages', 'trigger-relay', 'Process and Node.js'),
    );
  });
});
