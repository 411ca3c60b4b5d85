import { Module } from '@nestjs/common';
import { getConnectionToken, MongooseModule } from '@nestjs/mongoose';
import { ServiceContext } from '@tributary/service';
import { SinkPipeline } from '@tributary/sink';
import {
  mongoOptions,
  MongoPlaces,
  MongoPositions,
  mongoStartFault,
  MongoSweepNotes,
  MongoWriter,
  openMongo,
  usualPatience,
} from '@tributary/targets';
import type { Connection } from 'mongoose';
import { MongoSinkController } from './mongo-sink.controller';

@Module({
  imports: [
    MongooseModule.forRootAsync({
      inject: [ServiceContext],
      useFactory: ({ env }: ServiceContext) => ({
        uri: env.mongodbUri,
        ...mongoOptions(env.mongodbUri),
        // The module must not wait here: the HTTP endpoints answer while the server is away. The pipeline opens it.
        lazyConnection: true,
        retryAttempts: 0,
        connectionErrorFactory: mongoStartFault,
      }),
    }),
  ],
  controllers: [MongoSinkController],
  providers: [
    {
      provide: SinkPipeline,
      inject: [ServiceContext, getConnectionToken()],
      useFactory: (context: ServiceContext, connection: Connection) =>
        new SinkPipeline(context, {
          target: 'mongo',
          async connect() {
            await openMongo(connection, context.env.mongodbUri);
            return {
              writer: new MongoWriter(connection, usualPatience, (message) =>
                context.log.warn({ code: 'VALIDATOR' }, message),
              ),
              positions: (group, topic) => new MongoPositions(connection, group, topic),
              places: new MongoPlaces(connection),
              sweepNotes: (group) => new MongoSweepNotes(connection, group),
            };
          },
        }),
    },
  ],
})
export class MongoSinkModule {}
