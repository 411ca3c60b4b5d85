import { CliPipeline } from './pipeline/cli-pipeline';
import { pause } from './pipeline/pause';

describe('pause and resume on a running pipeline', () => {
  const pipeline = new CliPipeline(['t', 'u']);
  beforeAll(() => pipeline.start(), 120_000);
  afterAll(() => pipeline.stop(), 60_000);

  pause(pipeline);
});
