import 'reflect-metadata';
import { runService } from '@tributary/service';
import { SinkPipeline } from '@tributary/sink';
import { MongoSinkModule } from './mongo-sink.module';

void runService({
  app: 'mongo-sink',
  defaultPort: 3003,
  needs: { kafka: true, mongodb: true },
  module: MongoSinkModule,
  pipeline: (app) => app.get(SinkPipeline),
});
