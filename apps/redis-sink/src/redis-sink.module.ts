import { Module } from '@nestjs/common';
import { ServiceContext } from '@tributary/service';
import { SinkPipeline } from '@tributary/sink';
import { connectRedis, RedisPositions, RedisWriter } from '@tributary/targets';
import { RedisSinkController } from './redis-sink.controller';

@Module({
  controllers: [RedisSinkController],
  providers: [
    {
      provide: SinkPipeline,
      inject: [ServiceContext],
      useFactory: async (context: ServiceContext) => {
        const redis = await connectRedis(context.env.redisUrl, (error) =>
          context.log.debug({ reason: error.message }, 'The connection to Redis was lost'),
        );
        return new SinkPipeline(context, {
          target: 'redis',
          writer: new RedisWriter(redis),
          positions: (group) => new RedisPositions(redis, group),
        });
      },
    },
  ],
})
export class RedisSinkModule {}
