import 'reflect-metadata';
import { runService } from '@tributary/service';
import { SinkPipeline } from '@tributary/sink';
import { RedisSinkModule } from './redis-sink.module';

void runService({
  app: 'redis-sink',
  defaultPort: 3004,
  needs: { kafka: true, redis: true },
  module: RedisSinkModule,
  pipeline: (app) => app.get(SinkPipeline),
});
