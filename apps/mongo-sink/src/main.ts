import 'reflect-metadata';
import { runService } from '@tributary/service';
import { SinkPipeline } from '@tributary/sink';
import { sinkApp } from '@tributary/sync-config';
import { mongoTarget } from '@tributary/targets';
import { MongoSinkModule } from './mongo-sink.module';

void runService({
  app: sinkApp(mongoTarget.name),
  defaultPort: 3003,
  needs: { kafka: true, targets: [mongoTarget] },
  module: MongoSinkModule,
  pipeline: (app) => app.get(SinkPipeline),
});
