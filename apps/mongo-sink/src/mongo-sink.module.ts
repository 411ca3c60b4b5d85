import { Module } from '@nestjs/common';
import { getConnectionToken, MongooseModule } from '@nestjs/mongoose';
import { addressOf, ServiceContext } from '@tributary/service';
import { SinkPipeline, sinkListener } from '@tributary/sink';
import { connectedMongo, mongoOptions, mongoStartFault, mongoTarget, openMongo } from '@tributary/targets';
import type { Connection } from 'mongoose';
import { MongoSinkController } from './mongo-sink.controller';

@Module({
  imports: [
    MongooseModule.forRootAsync({
      inject: [ServiceContext],
      useFactory: ({ env }: ServiceContext) => {
        const { uri } = addressOf(env, mongoTarget);
        return {
          ...{ uri, ...mongoOptions(uri) },
          // The module must not wait here: the HTTP endpoints answer while the server is away. The pipeline opens it.
          lazyConnection: true,
          retryAttempts: 0,
          connectionErrorFactory: mongoStartFault,
        };
      },
    }),
  ],
  controllers: [MongoSinkController],
  providers: [
    {
      provide: SinkPipeline,
      inject: [ServiceContext, getConnectionToken()],
      useFactory: (context: ServiceContext, connection: Connection) =>
        new SinkPipeline(context, {
          target: mongoTarget,
          async connect() {
            await openMongo(connection, addressOf(context.env, mongoTarget).uri);
            return connectedMongo(connection, sinkListener(context, mongoTarget.spec.title));
          },
        }),
    },
  ],
})
export class MongoSinkModule {}
