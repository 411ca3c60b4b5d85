import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { RoundHandler, type Round, type RoundContext } from '@tributary/transport';
import { RoundValidator } from '@tributary/validation';
import { LOADS_VALIDATOR } from './loads.providers';
import { ValidatorReport } from './validator-report';

@Controller()
export class ValidatorController {
  constructor(
    @Inject(RoundValidator) private readonly validator: RoundValidator,
    @Inject(LOADS_VALIDATOR) private readonly loadsValidator: RoundValidator,
    @Inject(ValidatorReport) private readonly report: ValidatorReport,
  ) {}

  @RoundHandler('changes')
  async changes(@Payload() round: Round, @Ctx() { signal }: RoundContext): Promise<void> {
    const started = performance.now();
    const outcome = await this.validator.run(round, signal);
    this.report.round(outcome, (performance.now() - started) / 1000);
  }

  @RoundHandler('loads')
  async loads(@Payload() round: Round, @Ctx() { signal }: RoundContext): Promise<void> {
    this.report.loads(await this.loadsValidator.run(round, signal));
  }
}
