import 'reflect-metadata';
import { runService } from '@tributary/service';
import { SinkPipeline } from '@tributary/sink';
import { sinkApp } from '@tributary/sync-config';
import { redisTarget } from '@tributary/targets';
import { RedisSinkModule } from './redis-sink.module';

void runService({
  app: sinkApp(redisTarget.name),
  defaultPort: 3004,
  needs: { kafka: true, targets: [redisTarget] },
  module: RedisSinkModule,
  pipeline: (app) => app.get(SinkPipeline),
});
