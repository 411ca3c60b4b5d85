import { Module } from '@nestjs/common';
import { addressOf, ServiceContext } from '@tributary/service';
import { SinkPipeline, sinkListener } from '@tributary/sink';
import { redisTarget } from '@tributary/targets';
import { RedisSinkController } from './redis-sink.controller';

@Module({
  controllers: [RedisSinkController],
  providers: [
    {
      provide: SinkPipeline,
      inject: [ServiceContext],
      useFactory: (context: ServiceContext) =>
        new SinkPipeline(context, {
          target: redisTarget,
          connect: () =>
            redisTarget.connect(
              addressOf(context.env, redisTarget),
              sinkListener(context, redisTarget.spec.title),
            ),
        }),
    },
  ],
})
export class RedisSinkModule {}
