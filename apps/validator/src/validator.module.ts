import { Module } from '@nestjs/common';
import { ServiceContext } from '@tributary/service';
import { RoundValidator } from '@tributary/validation';
import { ValidatorController } from './validator.controller';
import { ValidatorPipeline } from './validator.pipeline';
import { ValidatorReport } from './validator-report';

@Module({
  controllers: [ValidatorController],
  providers: [
    ValidatorPipeline,
    {
      provide: RoundValidator,
      inject: [ValidatorPipeline],
      useFactory: ({ validator }: ValidatorPipeline) => validator,
    },
    {
      provide: ValidatorReport,
      inject: [ServiceContext, ValidatorPipeline],
      useFactory: ({ metrics, log }: ServiceContext, { schemas, activity }: ValidatorPipeline) =>
        new ValidatorReport(metrics, log, schemas, activity),
    },
  ],
})
export class ValidatorModule {}
