import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { BatchHandler, type BatchContext, type RecordBatch } from '@tributary/kafka';
import { BatchValidator } from './batch-validator';
import { ValidatorReport } from './validator-report';

@Controller()
export class ValidatorController {
  constructor(
    @Inject(BatchValidator) private readonly validator: BatchValidator,
    @Inject(ValidatorReport) private readonly report: ValidatorReport,
  ) {}

  @BatchHandler('changes')
  async changes(@Payload() batch: RecordBatch, @Ctx() context: BatchContext): Promise<void> {
    const started = performance.now();
    const outcome = await this.validator.run(batch, context.signal);
    this.report.batch(batch, outcome, (performance.now() - started) / 1000);
  }
}
