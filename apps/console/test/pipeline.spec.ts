import { changes } from './pipeline/changes';
import { deadLetters } from './pipeline/dead-letters';
import { live } from './pipeline/live';
import { RunningConsole } from './pipeline/running-console';
import { shows } from './pipeline/shows';
import { values } from './pipeline/values';
import { verifications } from './pipeline/verifications';

jest.setTimeout(90_000);

describe('the console on a running pipeline', () => {
  const running = new RunningConsole();
  beforeAll(() => running.start(), 150_000);
  afterAll(() => running.stop(), 60_000);

  shows(running);
  values(running);
  changes(running);
  verifications(running);
  deadLetters(running);
  live(running);
});
