import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { RoundHandler, type Round, type RoundContext } from '@tributary/transport';
import { SinkPipeline } from '@tributary/sink';

@Controller()
export class MongoSinkController {
  constructor(@Inject(SinkPipeline) private readonly pipeline: SinkPipeline) {}

  @RoundHandler('validated')
  async validated(@Payload() round: Round, @Ctx() { signal }: RoundContext): Promise<void> {
    await this.pipeline.handle(round, signal);
  }

  @RoundHandler('validatedLoads')
  async loads(@Payload() round: Round, @Ctx() { signal }: RoundContext): Promise<void> {
    await this.pipeline.handle(round, signal);
  }
}
