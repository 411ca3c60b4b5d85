import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { RoundHandler, type Outcome, type Round, type RoundContext } from '@tributary/kafka';
import { SinkPipeline } from '@tributary/sink';

@Controller()
export class MongoSinkController {
  constructor(@Inject(SinkPipeline) private readonly pipeline: SinkPipeline) {}

  @RoundHandler('validated')
  validated(@Payload() round: Round, @Ctx() { signal }: RoundContext): Promise<Outcome[]> {
    return Promise.allSettled(round.map((batch) => this.pipeline.handle(batch, signal)));
  }
}
