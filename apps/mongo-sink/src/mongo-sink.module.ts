import { Module } from '@nestjs/common';
import { ServiceContext } from '@tributary/service';
import { SinkPipeline } from '@tributary/sink';
import { connectMongo, MongoPositions, MongoSweepNotes, MongoWriter } from '@tributary/targets';
import { MongoSinkController } from './mongo-sink.controller';

@Module({
  controllers: [MongoSinkController],
  providers: [
    {
      provide: SinkPipeline,
      inject: [ServiceContext],
      useFactory: (context: ServiceContext) =>
        new SinkPipeline(context, {
          target: 'mongo',
          async connect() {
            const connection = await connectMongo(context.env.mongodbUri);
            return {
              writer: new MongoWriter(connection),
              positions: (group, topic) => new MongoPositions(connection, group, topic),
              sweepNotes: (group) => new MongoSweepNotes(connection, group),
            };
          },
        }),
    },
  ],
})
export class MongoSinkModule {}
