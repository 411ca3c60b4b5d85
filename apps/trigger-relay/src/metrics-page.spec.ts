import { join } from 'node:path';
import { readEnv, ServiceContext, serviceTransport } from '@tributary/service';
import { listedMetrics, registeredMetrics } from '@tributary/testing';
import { RelayService } from './relay.service';

describe('docs/metrics.md', () => {
  it('lists the metrics of trigger-relay, and no other', () => {
    const env = readEnv({ kafka: true, mysql: true }, 0, {
      SYNC_CONFIG: join(__dirname, '../../../sync.yaml'),
      KAFKA_BROKERS: '127.0.0.1:9',
      MYSQL_URL: 'mysql://nobody@127.0.0.1:9',
    });
    const context = new ServiceContext('trigger-relay', env);
    new RelayService(context, serviceTransport(context)); // it connects when Nest starts it, not before

    expect(registeredMetrics(context.metrics.registry)).toEqual(
      listedMetrics('Every service', 'trigger-relay', 'Process and Node.js'),
    );
  });
});
