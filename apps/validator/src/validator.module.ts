import { Module } from '@nestjs/common';
import { serviceTransportModule, type ServiceContext } from '@tributary/service';
import { ValidatorController } from './validator.controller';
import { ValidatorPipeline } from './validator.pipeline';
import { validatorParts } from './validator.providers';
import { ValidatorReport } from './validator-report';

/** Sets the metric of a stage that cannot do its work. */
const troubleGauge = ({ metrics }: ServiceContext) => ({
  onTrouble: () => metrics.trouble.set({ stage: metrics.stage }, 1),
  onRecovered: () => metrics.trouble.set({ stage: metrics.stage }, 0),
});

@Module({
  imports: [serviceTransportModule(troubleGauge)],
  controllers: [ValidatorController],
  providers: [...validatorParts, ValidatorPipeline, ValidatorReport],
})
export class ValidatorModule {}
