import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import {
  RoundHandler,
  type Outcome,
  type RecordBatch,
  type Round,
  type RoundContext,
} from '@tributary/kafka';
import { BatchValidator } from './batch-validator';
import { ValidatorReport } from './validator-report';

@Controller()
export class ValidatorController {
  constructor(
    @Inject(BatchValidator) private readonly validator: BatchValidator,
    @Inject(ValidatorReport) private readonly report: ValidatorReport,
  ) {}

  @RoundHandler('changes')
  changes(@Payload() round: Round, @Ctx() { signal }: RoundContext): Promise<Outcome[]> {
    return Promise.allSettled(round.map((batch) => this.#validate(batch, signal)));
  }

  async #validate(batch: RecordBatch, signal: AbortSignal): Promise<void> {
    const started = performance.now();
    const outcome = await this.validator.run(batch, signal);
    this.report.batch(batch, outcome, (performance.now() - started) / 1000);
  }
}
