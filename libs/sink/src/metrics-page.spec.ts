import { join } from 'node:path';
import { readEnv, ServiceContext } from '@tributary/service';
import { sinkApp, targetNames } from '@tributary/sync-config';
import { targetPlugin } from '@tributary/targets';
import { listedMetrics, registeredMetrics } from '@tributary/testing';
import { SinkPipeline } from './sink-pipeline';

describe('docs/metrics.md', () => {
  it.each(targetNames)('lists the metrics of the %s sink, and no other', (target) => {
    const env = readEnv({ kafka: true }, 0, {
      SYNC_CONFIG: join(__dirname, '../../../sync.yaml'),
      KAFKA_BROKERS: '127.0.0.1:9',
    });
    const context = new ServiceContext(sinkApp(target), env);
    new SinkPipeline(context, {
      target: targetPlugin(target),
      connect: () => Promise.reject(new Error('not started')),
    });

    expect(registeredMetrics(context.metrics.registry)).toEqual(
      listedMetrics('Every service', 'Stages', 'Consumers', 'Sinks', 'Process and Node.js'),
    );
  });
});
