import { Module } from '@nestjs/common';
import { getConnectionToken, MongooseModule } from '@nestjs/mongoose';
import { ServiceContext } from '@tributary/service';
import { SinkPipeline } from '@tributary/sink';
import { mongoOptions, MongoPositions, mongoStartFault, MongoWriter } from '@tributary/targets';
import type { Connection } from 'mongoose';
import { MongoSinkController } from './mongo-sink.controller';

@Module({
  imports: [
    MongooseModule.forRootAsync({
      inject: [ServiceContext],
      useFactory: ({ env }: ServiceContext) => ({
        uri: env.mongodbUri,
        ...mongoOptions(env.mongodbUri),
        // An unreachable server or a wrong password at the start is told at once; later outages are waited out.
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
          writer: new MongoWriter(connection),
          positions: (group, topic) => new MongoPositions(connection, group, topic),
        }),
    },
  ],
})
export class MongoSinkModule {}
