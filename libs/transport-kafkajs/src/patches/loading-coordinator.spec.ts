// @ts-expect-error kafkajs has no types for its inside
import { createErrorFromCode } from 'kafkajs/src/protocol/error.js';
import { clientGroup } from './client-group.fixture';
import { mendLoadingCoordinator } from './loading-coordinator';

const [LOADING, NOT_COORDINATOR, AUTHORIZATION] = [14, 16, 30];

const joining = (...codes: number[]) => {
  const group = clientGroup({
    request: (name) => {
      const code = name === 'join' && codes.shift();
      if (code) throw createErrorFromCode(code);
    },
  });
  return group.joinAndSync().then(() => group.memberId);
};

it('still needed: the client gives a join up while the coordinator loads its groups', async () => {
  await expect(joining(LOADING)).rejects.toMatchObject({ type: 'GROUP_LOAD_IN_PROGRESS' });
  // That one it asks again by itself.
  expect(await joining(NOT_COORDINATOR)).toBe('me');
  mendLoadingCoordinator();
  expect(await joining(LOADING, NOT_COORDINATOR, LOADING)).toBe('me');
  await expect(joining(AUTHORIZATION)).rejects.toMatchObject({ type: 'GROUP_AUTHORIZATION_FAILED' });
});
