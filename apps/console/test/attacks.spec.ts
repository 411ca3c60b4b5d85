import { access } from './attacks/access';
import { AttackedConsole } from './attacks/attacked-console';
import { exhaustion } from './attacks/exhaustion';
import { inputs } from './attacks/inputs';

jest.setTimeout(60_000);

describe('an attacker', () => {
  const attack = new AttackedConsole();
  beforeAll(() => attack.start());
  afterAll(() => attack.stop());

  inputs(attack);
  exhaustion(attack);
  // The last of it locks names out.
  access(attack);
});
