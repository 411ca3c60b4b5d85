import 'reflect-metadata';
import { runService } from '@tributary/service';
import { ValidatorModule } from './validator.module';
import { ValidatorPipeline } from './validator.pipeline';

void runService({
  app: 'validator',
  defaultPort: 3002,
  needs: { kafka: true },
  module: ValidatorModule,
  pipeline: (app) => app.get(ValidatorPipeline),
});
