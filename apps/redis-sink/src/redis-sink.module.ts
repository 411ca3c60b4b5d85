import { Module } from '@nestjs/common';
import { ServiceContext } from '@tributary/service';
import { SinkPipeline } from '@tributary/sink';
import { connectRedis, RedisPlaces, RedisPositions, RedisSweepNotes, RedisWriter } from '@tributary/targets';
import { RedisSinkController } from './redis-sink.controller';

@Module({
  controllers: [RedisSinkController],
  providers: [
    {
      provide: SinkPipeline,
      inject: [ServiceContext],
      useFactory: (context: ServiceContext) =>
        new SinkPipeline(context, {
          target: 'redis',
          async connect() {
            const { redisUrl, redisTls } = context.env;
            const lost = ({ message }: Error) =>
              context.log.debug({ reason: message }, 'The connection to Redis was lost');
            const redis = await connectRedis(redisUrl, lost, redisTls);
            return {
              writer: new RedisWriter(redis),
              positions: (group) => new RedisPositions(redis, group),
              places: new RedisPlaces(redis),
              sweepNotes: (group) => new RedisSweepNotes(redis, group),
            };
          },
        }),
    },
  ],
})
export class RedisSinkModule {}
