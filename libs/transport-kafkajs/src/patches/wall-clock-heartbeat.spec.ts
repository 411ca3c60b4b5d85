import { clientGroup } from './client-group.fixture';
import { mendWallClockHeartbeat } from './wall-clock-heartbeat';

const HOUR_MS = 3_600_000;

afterEach(() => jest.restoreAllMocks());

it('still needed: the client sends no heartbeat for an hour when its clock is set back by one', async () => {
  const beats = async () => {
    let sent = 0;
    const clock = jest.spyOn(Date, 'now').mockReturnValue(2 * HOUR_MS);
    const group = clientGroup({ request: (name) => void (sent += Number(name === 'heartbeat')) });
    await group.joinAndSync();
    for (let second = 0; second < 3000; second += 1) {
      clock.mockReturnValue(HOUR_MS + second * 1000);
      await group.heartbeat({ interval: 3000 });
    }
    return sent;
  };
  expect(await beats()).toBe(0);
  mendWallClockHeartbeat();
  expect(await beats()).toBe(1000);
});
