import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { BatchHandler, type BatchContext, type RecordBatch } from '@tributary/kafka';
import { SinkPipeline } from '@tributary/sink';

@Controller()
export class MongoSinkController {
  constructor(@Inject(SinkPipeline) private readonly pipeline: SinkPipeline) {}

  @BatchHandler('validated')
  async validated(@Payload() batch: RecordBatch, @Ctx() context: BatchContext): Promise<void> {
    await this.pipeline.handle(batch, context.signal);
  }
}
