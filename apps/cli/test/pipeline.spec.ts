import { CliPipeline } from './pipeline/cli-pipeline';
import { deadLetters } from './pipeline/dead-letters';
import { doctor } from './pipeline/doctor';
import { statusAndLoads } from './pipeline/loads';
import { places } from './pipeline/places';
import { repair } from './pipeline/repair';
import { tailAndResend } from './pipeline/tail-and-resend';
import { trace } from './pipeline/trace';
import { validators } from './pipeline/validators';
import { verifications } from './pipeline/verifications';

describe('the command line on a running pipeline', () => {
  const pipeline = new CliPipeline();
  beforeAll(() => pipeline.start(), 120_000);
  afterAll(() => pipeline.stop(), 60_000);

  repair(pipeline);
  deadLetters(pipeline);
  statusAndLoads(pipeline);
  trace(pipeline);
  tailAndResend(pipeline);
  doctor(pipeline);
  describe('verifications', () => verifications(pipeline));
  validators(pipeline);
  places(pipeline);
});
